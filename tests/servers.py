"""Runs the servers of the tests: PostgreSQL, moto and ministack, on free loopback ports.

Writes their addresses to a file as shell exports once all of them answer, then waits. Stops them when
this program is told to end, when one of them ends by itself, or when the program that started this one
has ended for whatever reason.
"""

import argparse
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

READY_SECONDS = 90
ATTEMPTS = 3
PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


def die_with_parent(with_signal):
    """Asks the kernel to send `with_signal` when the parent dies. Only on Linux; elsewhere only the
    check in `serve` remains."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, with_signal)


def end(*_):
    """Exits through every `finally`. Only once: a second signal must not interrupt the clean-up."""
    for number in ENDINGS:
        signal.signal(number, signal.SIG_IGN)
    sys.exit(0)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process, with the means to start it on a free port and to check that it answers."""

    def __init__(self, name, folder):
        self.name = name
        self.log = os.path.join(folder, name + ".log")
        self.process = None
        self.port = None

    def start(self):
        """Starts on a free port. Retries, because another process may take the port in between."""
        for attempt in range(1, ATTEMPTS + 1):
            self.port = free_port()
            self.launch()
            if self.await_ready():
                return
            self.stop()
            print(f"{self.name} did not start (attempt {attempt} of {ATTEMPTS})", file=sys.stderr)
        with open(self.log, errors="replace") as log:
            sys.exit(f"{self.name} does not start:\n{''.join(log.readlines()[-40:])}")

    def spawn(self, command, environment=None, uid=None, death=signal.SIGTERM):
        def before_exec():
            if uid is not None:
                os.setgroups([])
                os.setgid(pwd.getpwuid(uid).pw_gid)
                os.setuid(uid)
            # After the change of user, which would clear it.
            die_with_parent(death)

        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=before_exec,
            )

    def await_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.answers():
                return True
            time.sleep(0.05)
        return False

    def stop(self, with_signal=signal.SIGTERM):
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(with_signal)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Postgres(Server):
    """A throw-away cluster. `initdb` and `postgres` refuse to run as root, so for root they run as nobody."""

    def __init__(self, folder, binaries):
        super().__init__("postgres", folder)
        self.binaries = binaries
        self.uid = pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None
        self.data = os.path.join(folder, "postgres")
        self.sockets = os.path.join(folder, "sockets")
        for path in (self.data, self.sockets):
            os.mkdir(path, 0o700)
            if self.uid is not None:
                os.chown(path, self.uid, -1)
        self.spawn(
            [os.path.join(binaries, "initdb"), "-D", self.data, "-U", "postgres", "-A", "trust"]
            + ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"],
            uid=self.uid,
        )
        if self.process.wait() != 0:
            with open(self.log, errors="replace") as log:
                sys.exit(f"initdb failed:\n{log.read()}")

    def launch(self):
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self.sockets,
            "max_connections": 100,
            "max_prepared_transactions": 10,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            "log_timezone": "UTC",
            "timezone": "UTC",
        }
        options = [part for item in settings.items() for part in ("-c", "%s=%s" % item)]
        self.spawn(
            [os.path.join(self.binaries, "postgres"), "-D", self.data] + options,
            uid=self.uid,
            death=signal.SIGQUIT,
        )

    def answers(self):
        """Reads the state from the eighth line of postmaster.pid, as pg_ctl does when it waits."""
        try:
            with open(os.path.join(self.data, "postmaster.pid")) as state:
                lines = state.read().splitlines()
        except OSError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready"

    def stop(self, with_signal=signal.SIGQUIT):
        super().stop(with_signal)

    def exports(self):
        return {"HIGHWATER_TEST_POSTGRES": f"postgres://postgres@127.0.0.1:{self.port}/postgres"}


class Emulator(Server):
    """A server that is ready when a path answers over HTTP."""

    health = "/"

    def answers(self):
        try:
            with urllib.request.urlopen(self.url() + self.health, timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, OSError):
            return False

    def stop(self, with_signal=signal.SIGKILL):
        """Kills it: there is nothing to save, and an orderly shutdown would wait for idle connections."""
        super().stop(with_signal)

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def exports(self):
        return {"HIGHWATER_TEST_" + self.name.upper(): self.url()}


class Moto(Emulator):
    health = "/moto-api/"

    def __init__(self, folder):
        super().__init__("moto", folder)

    def launch(self):
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "moto_server.py")
        self.spawn([sys.executable, program, "-H", "127.0.0.1", "-p", str(self.port)])


class Ministack(Emulator):
    health = "/_ministack/health"

    def __init__(self, folder):
        super().__init__("ministack", folder)
        self.temporary = os.path.join(folder, "ministack")
        os.mkdir(self.temporary)

    def launch(self):
        self.spawn(
            [sys.executable, "-m", "ministack"],
            {
                "GATEWAY_PORT": str(self.port),
                "BIND_HOST": "127.0.0.1",
                "SERVICES": "s3,ssm",
                # S3 and SSM need none of these: no other port, no container.
                "SFTP_ENABLED": "0",
                "IOT_MTLS_ENABLED": "0",
                "DOCKER_HOST": "unix:///nonexistent",
                "TMPDIR": self.temporary,
                "LOG_LEVEL": "WARNING",
            },
        )


def write_exports(path, servers):
    lines = [f"export {name}={value}" for server in servers for name, value in server.exports().items()]
    # The emulators accept any credentials, but without some no AWS client sends a request.
    lines += [
        "export AWS_ACCESS_KEY_ID=test",
        "export AWS_SECRET_ACCESS_KEY=test",
        "export AWS_EC2_METADATA_DISABLED=true",
    ]
    with open(path + ".new", "w") as out:
        out.write("\n".join(lines) + "\n")
    os.rename(path + ".new", path)


def serve(arguments, folder, started_by):
    servers = []
    try:
        for make in (
            lambda: Postgres(folder, arguments.postgres),
            lambda: Moto(folder),
            lambda: Ministack(folder),
        ):
            servers.append(make())
            servers[-1].start()
        write_exports(arguments.exports, servers)
        while os.getppid() == started_by:
            for server in servers:
                if server.process.poll() is not None:
                    sys.exit(f"{server.name} ended by itself with {server.process.returncode}")
            time.sleep(0.2)
    finally:
        for server in servers:
            server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--postgres", required=True, help="folder of initdb and postgres")
    parser.add_argument("--exports", required=True, help="file to write the addresses to")
    arguments = parser.parse_args()

    started_by = os.getppid()
    die_with_parent(signal.SIGTERM)
    for number in ENDINGS:
        signal.signal(number, end)
    # Short, because the path of a unix socket is limited to 107 bytes.
    folder = tempfile.mkdtemp(prefix="highwater-servers.")
    try:
        # The server's user must be able to enter it.
        os.chmod(folder, 0o755)
        serve(arguments, folder, started_by)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
