"""AWS's command line, loaded once: each call is a fork of it that begins where the imports and the service's model are read already.

    cli_server.py SOCKET      serves; run by the Python that has awscli
    cli_server.py SOCKET -- ARGUMENT...      what the `aws` of the test runs: hands its output and arguments over, ends with the call's exit status
"""
import json
import os
import socket
import sys


def call(path, arguments):
    with socket.socket(socket.AF_UNIX) as there:
        there.connect(path)
        socket.send_fds(there, [json.dumps([os.getcwd(), arguments]).encode() + b"\n"], [0, 1, 2])
        return int(there.recv(16) or b"255")


def serve(path):
    import time

    from awscli.clidriver import create_clidriver

    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, 0.05))  # between two looks at a stack it sleeps for half a minute
    driver = create_clidriver()
    if driver.main(["cloudformation", "describe-stacks", "--query", "Stacks[].StackName"]) != 0:
        return 1
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(path)
        listening.listen()
        while True:
            answer_one(driver, listening.accept()[0])


def answer_one(driver, there):
    with there:
        text, files, _flags, _address = socket.recv_fds(there, 65536, 3)
        directory, arguments = json.loads(text)
        child = os.fork()
        if child == 0:
            os.chdir(directory)
            for number, file in enumerate(files):
                os.dup2(file, number)
            status = driver.main(arguments)
            sys.stdout.flush()
            os._exit(status)
        for file in files:
            os.close(file)
        there.send(str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])).encode())


if __name__ == "__main__":
    sys.exit(call(sys.argv[1], sys.argv[3:]) if sys.argv[2:3] == ["--"] else serve(sys.argv[1]))
