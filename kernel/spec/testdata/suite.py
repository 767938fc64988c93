"""Jupyter's own suite for kernels, with every sample set, and what it leaves out."""

import contextlib
import os
import signal
import sys
import tempfile
import time
import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel
from jupyter_kernel_test import validate_message

NAME = "rt0"

PATIENCE = 300  # seconds for what has to come: other tests run at the same time


LOGS = contextlib.ExitStack()  # a kernel that is restarted goes on with its log


def start(kernel_name=NAME):
    """Starts a kernel. Jupyter finds ports that are free and lets go of them; who else asks for any port may then get one."""
    while True:
        log = LOGS.enter_context(tempfile.TemporaryFile())
        try:
            return start_new_kernel(kernel_name=kernel_name, stderr=log)
        except RuntimeError:
            log.seek(0)
            text = log.read().decode()
            sys.stderr.write(text)
            if "address already in use" not in text:
                raise


jupyter_kernel_test.start_new_kernel = start


class Suite(jupyter_kernel_test.KernelTests):
    @classmethod
    def setUpClass(cls):
        """The suite waits 0.1 s for what the kernel publishes, too little when the computer does something else."""
        super().setUpClass()
        get = cls.kc.iopub_channel.get_msg
        cls.kc.iopub_channel.get_msg = lambda timeout: get(timeout=max(timeout, PATIENCE))
        cls.kc.execute("%stage pidle", reply=True, timeout=PATIENCE)  # a first boot may take long enough to show how far it has come

    def flush_channels(self):
        """Reads to the end of a request's messages: nothing comes behind it. The suite takes 0.1 s of silence for that."""
        msg_id = self.kc.kernel_info()
        replied = idle = False
        while not replied:
            msg = self.kc.get_shell_msg(timeout=PATIENCE)
            validate_message(msg)
            replied = msg["parent_header"].get("msg_id") == msg_id
        while not idle:
            msg = self.kc.get_iopub_msg(timeout=PATIENCE)
            validate_message(msg)
            idle = msg["parent_header"].get("msg_id") == msg_id and msg["content"].get("execution_state") == "idle"

    kernel_name = NAME
    language_name = "go"
    file_extension = ".go"
    code_hello_world = 'import "fmt"\nfmt.Println("hello, world")'
    code_stderr = 'import ("fmt"; "os")\nfmt.Fprintln(os.Stderr, "test")'
    completion_samples = [
        {"text": "strings.ToUpperS", "matches": {"ToUpperSpecial"}},
        {"text": "%stage pid", "matches": {"pidle"}},
        {"text": "fallt", "matches": {"fallthrough"}},
    ]
    complete_code_samples = ["1", "func f() int { return 1 }", "x := []int{\n1,\n}", "%stage pidle", 'import "fmt"\nfmt.Println(1)']
    incomplete_code_samples = ["func f() {", "x := `raw", "f(1,", "if true {\n\tx()", "/* comment"]
    invalid_code_samples = ["x := )", "func 3() {}", "a b c"]
    code_page_something = "%doc strings.ToUpper"
    code_generate_error = 'panic("an error")'
    code_execute_result = [
        {"code": "1+2+3", "result": "6"},
        {"code": '"go" + "pher"', "result": "gopher"},
        {"code": 'func two() (int, string) { return 7, "x" }\ntwo()', "result": "7 x"},
        {"code": "[]int{1, 2}", "result": "[1 2]"},
    ]
    code_display_data = [
        {"code": 'Display(HTML("<b>x</b>"))', "mime": "text/html"},
        {"code": "%stage pidle", "mime": "image/svg+xml"},
        {"code": "%stage pidle", "mime": "text/html"},
        {"code": "%stage pidle", "mime": "text/plain"},
        {"code": 'Display(Latex("x^2"))', "mime": "text/latex"},
    ]
    code_history_pattern = "1?2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "strings.ToUpper"
    code_clear_output = "ClearOutput(false)"


class Samples(unittest.TestCase):
    """A sample that is not set makes the suite skip what it is for."""

    def test_every_sample_is_set(self):
        base = jupyter_kernel_test.KernelTests
        samples = [n for n, v in vars(base).items() if not n.startswith("_") and not callable(v) and not isinstance(v, classmethod)]
        self.assertGreaterEqual(len(samples), 17)
        for name in samples:
            with self.subTest(name=name):
                self.assertTrue(vars(Suite).get(name), "set it in Suite")
        self.assertEqual(set(Suite.supported_history_operations), {"tail", "range", "search"})


class Beyond(unittest.TestCase):
    """What the suite does not cover, through the same client."""

    def setUp(self):
        self.km, self.kc = start()

    def tearDown(self):
        self.kc.stop_channels()
        if self.km.is_alive():
            self.km.shutdown_kernel()

    def reply(self, msg_id):
        while True:
            m = self.kc.get_shell_msg(timeout=PATIENCE)
            if m["parent_header"]["msg_id"] == msg_id:
                return m["content"]

    def run_cell(self, code):
        return self.reply(self.kc.execute(code))

    def interrupt(self, code, how):
        self.assertEqual(self.run_cell("kept := 7")["status"], "ok")
        msg_id = self.kc.execute(code)
        while True:
            m = self.kc.get_iopub_msg(timeout=PATIENCE)
            if m["msg_type"] == "execute_input" and m["parent_header"]["msg_id"] == msg_id:
                break
        how()
        content = self.reply(msg_id)
        self.assertEqual((content["status"], content["ename"]), ("error", "interrupted"))
        content = self.reply(self.kc.execute("", user_expressions={"k": "kept"}))
        self.assertEqual(content["user_expressions"]["k"]["data"]["text/plain"], "7")

    def test_interrupt_by_message(self):
        for code in ["for {}", "c := make(chan int)\n<-c", 'import "time"\ntime.Sleep(time.Hour)', "%%boot\npackage main\nfunc main() { for {} }\n"]:
            with self.subTest(code=code):
                self.interrupt(code, self.km.interrupt_kernel)

    def test_interrupt_by_signal(self):
        pid = self.km.provisioner.process.pid
        for code in ["for {}", "$ sleep 60"]:
            with self.subTest(code=code):
                self.interrupt(code, lambda: os.kill(pid, signal.SIGINT))

    def test_restart(self):
        self.assertEqual(self.run_cell("kept := 7")["status"], "ok")
        self.km.restart_kernel()
        self.kc.wait_for_ready(timeout=PATIENCE)
        self.assertEqual(self.run_cell("kept")["status"], "error")

    def test_shutdown(self):
        process = self.km.provisioner.process
        self.kc.shutdown()
        self.assertEqual(process.wait(PATIENCE), 0)

    def test_heartbeat(self):
        self.kc.hb_channel.unpause()
        time.sleep(1.5)  # the channel takes a second to see whether an answer has come
        end = time.time() + PATIENCE
        while not self.kc.hb_channel.is_beating():
            self.assertLess(time.time(), end)
            time.sleep(0.1)

    def test_input(self):
        msg_id = self.kc.execute('name, err := Input("name?")\nname', allow_stdin=True)
        self.assertEqual(self.kc.get_stdin_msg(timeout=PATIENCE)["content"]["prompt"], "name?")
        self.kc.input("Rob")
        self.assertEqual(self.reply(msg_id)["status"], "ok")

    def test_crashes(self):
        for code in ['import "os"\nos.Exit(1)', 'import "log"\nlog.Fatal(1)', "func r(n int) int { return r(n+1) + 1 }\nr(0)",
                     'import "time"\ngo func() { panic(1) }()\ntime.Sleep(time.Second)', "var p *struct{ X int }\np.X = 1"]:
            with self.subTest(code=code):
                self.assertEqual(self.run_cell(code)["status"], "error")
                self.assertEqual(self.run_cell("1")["status"], "ok")


if __name__ == "__main__":
    with LOGS:
        result = unittest.main(verbosity=2, exit=False).result
    if result.skipped:
        sys.exit(f"skipped: {result.skipped}")
    sys.exit(not result.wasSuccessful())
