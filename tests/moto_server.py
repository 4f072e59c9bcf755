"""Runs moto's server so that each request is one atomic step.

S3 creates a key for exactly one of several conditional writers, and shows an object either with its
metadata or not at all. moto checks for the key, writes the object and then its metadata, in threads: two
writers can both be told that they created a key, and a reader can see an object without metadata.
Here requests are handled one at a time, each after its whole body has been received.
"""

import io
import threading

import moto.server

ONE_AT_A_TIME = threading.Lock()


def as_one_step(application):
    def handle(environ, start_response):
        length = int(environ.get("CONTENT_LENGTH") or 0)
        # Read before taking the lock: a client that sends slowly, or is dead, must not block all others.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        with ONE_AT_A_TIME:
            return list(application(environ, start_response))

    return handle


def main():
    run_simple = moto.server.run_simple

    def run(host, port, application, **options):
        run_simple(host, port, as_one_step(application), **options)

    moto.server.run_simple = run
    moto.server.main()


if __name__ == "__main__":
    main()
