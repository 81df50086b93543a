"""Prints as many free loopback ports as asked for, free for UDP and TCP alike."""

import socket
import sys


def free_port(taken):
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, socket.socket(
            socket.AF_INET, socket.SOCK_DGRAM
        ) as udp:
            tcp.bind(("127.0.0.1", 0))
            port = tcp.getsockname()[1]
            try:
                udp.bind(("127.0.0.1", port))
            except OSError:
                continue
            if port not in taken:
                return port


ports = []
for _ in range(int(sys.argv[1])):
    ports.append(free_port(ports))
print(*ports)
