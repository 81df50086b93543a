/// What `gateway help` prints.
enum Usage {
    static let text = """
        Usage: gateway COMMAND [OPTIONS]

        Commands:
          serve --config PATH      Run the gateway.
          check --config PATH      Check a configuration file and print all that is wrong with it.
          drain --config PATH      Have the gateway that runs with this file drain, and wait for its end.
          reload --config PATH     Have the gateway that runs with this file read it again: whole, or not at all.
          endpoint [--listen L]... Run a local SIP test endpoint that answers by the dialled number.
                                   L is udp:IP:PORT or tcp:IP:PORT; without one, udp:127.0.0.1:5070.
                                   With --quiet it prints no line for a message.
          endpoint --call NUMBER   Have it call this number at a gateway instead: 'gateway help endpoint'.
          help                     Print this text.
          help endpoint            Print what the endpoint does with which number.
          help config              Print all keys of the configuration file. With --markdown: as a page.
          --version                Print the version.

        Signals while serving: SIGTERM or SIGINT drains, then ends what is left (drain.deadline); a second one ends it
        now, a third the process at once. So does 'gateway drain', each time. SIGHUP reads the configuration again, as 'gateway
        reload' does, and the log says what has become of it. SIGUSR1 logs what is alive.

        Exit status: 0 done; 1 the configuration is wrong, or no gateway runs with it; 2 the command line is wrong.

        """
}
