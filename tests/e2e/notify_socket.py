#!/usr/bin/env python3
"""Stands in for systemd's side of NOTIFY_SOCKET: writes each datagram as one line."""
import os
import socket
import sys

path, out = sys.argv[1], sys.argv[2]
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(path)
os.chmod(path, 0o666)
with open(out, "a", buffering=1) as log:
    while True:
        log.write(listener.recv(65536).decode().strip().replace("\n", " ") + "\n")
