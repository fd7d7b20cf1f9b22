"""What Node has no call for. Each line of the input is an order; each is answered by "done" or by the error's words.

cut FOLDER    the file system there loses power: nothing that is not on its disk yet gets there (EXT4_IOC_SHUTDOWN, no flush of the log)
up, down      the loopback interface of this network namespace
"""

import fcntl
import os
import socket
import struct
import sys

EXT4_IOC_SHUTDOWN = 0x8004587D
NO_LOG_FLUSH = 2
SIOCSIFFLAGS = 0x8914
IFF_UP = 1


def cut(folder):
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.ioctl(handle, EXT4_IOC_SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
    finally:
        os.close(handle)


def loopback(flags):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags))


for line in sys.stdin:
    order, _, argument = line.strip().partition(" ")
    try:
        if order == "cut":
            cut(argument)
        else:
            loopback(IFF_UP if order == "up" else 0)
        print("done", flush=True)
    except OSError as error:
        print(error.strerror, flush=True)
