"""JupyterHub for a class on one machine: Debian 12's jupyterhub 3.0, the classic Notebook, and rt0. See ../README.md.

classroom.sh starts it. All that differs between classes comes from the environment; the defaults are for some 30 students
on a machine of 32 GiB.
"""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import settings  # noqa: E402
from spawner import StudentSpawner  # noqa: E402
from students import ClassList  # noqa: E402

c = get_config()  # noqa: F821: JupyterHub defines it

c.JupyterHub.bind_url = settings.URL
c.JupyterHub.ssl_cert, c.JupyterHub.ssl_key = settings.CERTIFICATE, settings.KEY
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{settings.HUB_PORT}"
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{settings.PROXY_PORT}"
c.ConfigurableHTTPProxy.pid_file = os.path.join(settings.RUN, "proxy.pid")
c.JupyterHub.pid_file = os.path.join(settings.RUN, "hub.pid")
c.JupyterHub.db_url = "sqlite:///" + os.path.join(settings.RUN, "hub.sqlite")
c.JupyterHub.cookie_secret_file = os.path.join(settings.RUN, "cookie_secret")
c.JupyterHub.template_vars = {"announcement_login": "Name and code are on your slip."}

# Who stops the Hub stops everything: no server and no kernel survives it.
c.JupyterHub.cleanup_servers = True
c.JupyterHub.cleanup_proxy = True

c.JupyterHub.authenticator_class = ClassList
c.JupyterHub.spawner_class = StudentSpawner
c.JupyterHub.concurrent_spawn_limit = 10  # a whole class clicks at once; the others are asked to wait a few seconds
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
c.Spawner.poll_interval = 10
c.Spawner.mem_limit = settings.MEMORY
c.Spawner.cpu_limit = settings.CPUS
c.Spawner.default_url = "/tree/lessons"
c.Spawner.env_keep = ["PATH", "LANG", "LC_ALL"]  # nothing else of the Hub's environment is a student's business
c.Spawner.environment = {
    "JUPYTERHUB_SINGLEUSER_APP": "notebook.notebookapp.NotebookApp",
    "JUPYTER_PATH": os.path.join(settings.PREFIX, "share", "jupyter"),
    "GOPATH": settings.GOPATH,  # shared and read-only: older toolchains are downloaded once, by classroom.sh prepare
    "GOMAXPROCS": str(max(2, round(settings.CPUS))),
}
# Whoever is idle gives memory back: first the kernels, then the server. Work is kept in files; a new click starts it again.
c.Spawner.args = [
    "--KernelManager.transport=ipc",  # loopback is shared by all students
    f"--MappingKernelManager.cull_idle_timeout={settings.IDLE}",
    f"--MappingKernelManager.cull_interval={max(1, settings.IDLE // 10)}",
    "--MappingKernelManager.cull_connected=True",  # forgotten tabs are the common case
    f"--NotebookApp.shutdown_no_activity_timeout={settings.IDLE}",
    "--NotebookApp.terminals_enabled=False",
    "--NotebookNotary.db_file=:memory:",
]
