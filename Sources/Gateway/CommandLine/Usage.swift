/// What `gateway help` prints.
enum Usage {
    static let text = """
        Usage: gateway COMMAND [OPTIONS]

        Commands:
          serve --config PATH      Run the gateway.
          check --config PATH      Check a configuration file and print all that is wrong with it.
          endpoint [--listen L]... Run a local SIP test endpoint that answers by the dialled number.
                                   L is udp:IP:PORT or tcp:IP:PORT; without one, udp:127.0.0.1:5070.
                                   With --quiet: no line for each SIP message.
          help endpoint            Print what the endpoint does for which number.
          help                     Print this text.
          help config              Print all keys of the configuration file. With --markdown: as a page.
          --version                Print the version.

        Signals while serving: SIGTERM and SIGINT stop the gateway.

        Exit status: 0 done; 1 the configuration is wrong; 2 the command line is wrong.

        """
}
