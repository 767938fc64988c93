// Signals catches signals of all kinds and dies of one.
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

static volatile sig_atomic_t count;
static sigjmp_buf again;

static void counted(int sig) { count++; }

static void fault(int sig, siginfo_t *info, void *context) {
	printf("%s: code %d", strsignal(sig), info->si_code);
	if (sig == SIGSEGV)
		printf(", address %p", info->si_addr);
	putchar('\n');
	siglongjmp(again, 1);
}

static void on(int sig, int flags, void (*plain)(int), void (*full)(int, siginfo_t *, void *)) {
	struct sigaction action = {.sa_flags = flags};
	if (full)
		action.sa_sigaction = full;
	else
		action.sa_handler = plain;
	sigaction(sig, &action, 0);
}

int main(void) {
	setvbuf(stdout, 0, _IONBF, 0);
	on(SIGUSR1, 0, counted, 0);
	raise(SIGUSR1);
	kill(getpid(), SIGUSR1);
	printf("caught %d\n", count);

	on(SIGSEGV, SA_SIGINFO, 0, fault);
	on(SIGFPE, SA_SIGINFO, 0, fault);
	volatile int zero = 0;
	if (!sigsetjmp(again, 1))
		*(volatile int *)0x10 = 1;
	if (!sigsetjmp(again, 1))
		printf("%d\n", 1 / zero);

	on(SIGALRM, 0, counted, 0);
	count = 0;
	struct itimerval every = {{0, 10000}, {0, 10000}}, never = {{0}};
	setitimer(ITIMER_REAL, &every, 0);
	while (count < 3)
		if (pause() != -1 || errno != EINTR)
			perror("pause");
	setitimer(ITIMER_REAL, &never, 0);

	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, 0);
	raise(SIGUSR2);
	int got;
	sigwait(&set, &got);
	printf("waited for %s\n", strsignal(got));
	raise(SIGTERM);
	return 0;
}
