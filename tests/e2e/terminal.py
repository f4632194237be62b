# SPDX-License-Identifier: MIT
"""jitctl at a terminal of its own, for client-terminal.sh."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios


class Terminal:
    def __init__(self, *command, columns=0):
        self.shown = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            if columns:
                fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("4H", 24, columns, 0, 0))
            os.execvp(command[0], command)

    def read(self):
        ready, _, _ = select.select([self.master], [], [], 20)
        assert ready, f"nothing came; so far {self.shown!r}"
        try:
            data = os.read(self.master, 4096)
        except OSError:
            data = b""
        self.shown += data.decode()
        return data

    def expect(self, pattern):
        while not re.search(pattern, self.shown):
            assert self.read(), f"no {pattern!r} in {self.shown!r}"

    def type(self, text):
        os.write(self.master, text.encode())

    def echoes(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def end(self):
        while self.read():
            pass
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def let_go(fifo):
    """What fake_agent.py waits with goes on; returns once it did wait."""
    open(fifo, "w", encoding="utf-8").close()


def waiting_is_shown_in_place(watch):
    terminal = Terminal("jitctl", "request", "orders", "--reason", "x", "--wait")
    terminal.expect(r"r-0000000000\r\n")
    terminal.expect(r"\r\x1b\[Kr-0000000000: waiting for 1 more peer of support \(0 s\)")
    terminal.expect(r"\(1 s\)")
    let_go(watch)
    assert terminal.end() == 0, terminal.shown
    # What is left on the screen: the id and how to use it, no waiting.
    assert re.search(r"\r\x1b\[Kready, ends in [^\r\n]*jitctl configure orders\r\n$",
                     terminal.shown), terminal.shown


def an_interrupt_ends_the_waiting():
    terminal = Terminal("jitctl", "request", "orders", "--reason", "x", "--wait")
    terminal.expect("waiting for")
    terminal.type("\x03")
    assert terminal.end() == -signal.SIGINT
    assert terminal.shown.endswith("\r\x1b[K"), terminal.shown


def a_passphrase_is_not_echoed():
    terminal = Terminal("jitctl", "unlock")
    terminal.expect("passphrase: ")
    assert not terminal.echoes()
    terminal.type("correct horse\n")
    assert terminal.end() == 0, terminal.shown
    assert "horse" not in terminal.shown
    assert terminal.shown.endswith("unlocked\r\n")


def echo_comes_back_after_an_interrupt():
    terminal = Terminal("sh", "-c", "jitctl unlock; echo status $?; read line")
    terminal.expect("passphrase: ")
    assert not terminal.echoes()
    os.kill(child_of(terminal.pid), signal.SIGTERM)
    terminal.expect("status 143")
    assert terminal.echoes()
    terminal.type("\n")
    terminal.end()


def child_of(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return int(file.read().split()[0])


def after_a_stop_it_asks_again_without_echo():
    # Alone in its session it can't be stopped: it goes on at once, as after fg.
    terminal = Terminal("jitctl", "unlock")
    terminal.expect("passphrase: ")
    os.kill(terminal.pid, signal.SIGTSTP)
    terminal.expect("(?s)passphrase: .*passphrase: ")
    assert not terminal.echoes()
    terminal.type("correct horse\n")
    assert terminal.end() == 0, terminal.shown
    assert "horse" not in terminal.shown


def a_new_passphrase_is_asked_twice():
    enroll = ("jitctl", "enroll", "--broker", "https://b.example", "--code", "7H2K-93QF",
              "--keystore", "passphrase")
    terminal = Terminal(*enroll)
    terminal.expect("new passphrase: ")
    terminal.type("correct horse\n")
    terminal.expect("once more: ")
    terminal.type("correct house\n")
    assert terminal.end() == 2
    assert "the two passphrases differ" in terminal.shown
    terminal = Terminal(*enroll)
    terminal.expect("new passphrase: ")
    terminal.type("correct horse\n")
    terminal.expect("once more: ")
    terminal.type("correct horse\n")
    assert terminal.end() == 0, terminal.shown


def a_slow_agent_is_waited_for_in_place(profiles):
    terminal = Terminal("jitctl", "profiles")
    terminal.expect(r"\r\x1b\[Kwaiting for the agent \([1-9]+ s\)\r\x1b\[Kwaiting for the agent \([2-9]+ s\)")
    let_go(profiles)
    assert terminal.end() == 0, terminal.shown
    assert re.search(r"\r\x1b\[Kthe broker has no profile", terminal.shown), terminal.shown


def a_table_that_is_too_wide_is_shown_in_blocks():
    wide = Terminal("jitctl", "status", columns=120)
    assert wide.end() == 0, wide.shown
    assert re.search(r"^SESSION +PROFILE +STATE ", wide.shown, re.M), wide.shown
    narrow = Terminal("jitctl", "status", columns=60)
    assert narrow.end() == 0, narrow.shown
    rows = re.findall(r"^SESSION {6}r-0000000000\r\nPROFILE {6}orders tenant=acme\r\n"
                      r"STATE {8}failing: [^\r]*\r\nEND {10}ends in [^\r]*\r\n"
                      r"APPROVED BY  bob\r\n", narrow.shown, re.M)
    assert len(rows) == 2, narrow.shown


waiting_is_shown_in_place(sys.argv[1])
an_interrupt_ends_the_waiting()
a_slow_agent_is_waited_for_in_place(sys.argv[2])
a_table_that_is_too_wide_is_shown_in_blocks()
a_passphrase_is_not_echoed()
echo_comes_back_after_an_interrupt()
after_a_stop_it_asks_again_without_echo()
a_new_passphrase_is_asked_twice()
