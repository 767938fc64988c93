// Threads uses what POSIX threads have to wait for each other with.
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <time.h>

enum { threads = 4, rounds = 5000 };

static pthread_mutex_t plain = PTHREAD_MUTEX_INITIALIZER, inheriting, robust;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t done;
static int ready, total;
static __thread int own;

static void *work(void *arg) {
	pthread_mutex_lock(&plain);
	while (!ready)
		pthread_cond_wait(&changed, &plain);
	pthread_mutex_unlock(&plain);
	for (int i = 0; i < rounds; i++) {
		pthread_mutex_t *m = &inheriting;
		pthread_mutex_lock(m);
		total++, own++;
		pthread_mutex_unlock(m);
	}
	sem_post(&done);
	pthread_barrier_wait(&barrier);
	return (void *)(long)own;
}

static void *die(void *arg) {
	pthread_mutex_lock(&robust);
	return 0;
}

static void *linger(void *arg) {
	for (;;) {
		struct timespec ms = {0, 1000000};
		nanosleep(&ms, 0);
	}
}

int main(void) {
	pthread_mutexattr_t attr;
	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	pthread_mutex_init(&inheriting, &attr);
	pthread_barrier_init(&barrier, 0, threads + 1);
	sem_init(&done, 0, 0);
	pthread_t t[threads];
	for (int i = 0; i < threads; i++)
		pthread_create(&t[i], 0, work, 0);
	pthread_mutex_lock(&plain);
	ready = 1;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&plain);
	for (int i = 0; i < threads; i++)
		sem_wait(&done);
	pthread_barrier_wait(&barrier);
	void *result;
	for (int i = 0; i < threads; i++) {
		pthread_join(t[i], &result);
		printf("one did %ld\n", (long)result);
	}
	printf("all did %d\n", total);

	struct timespec soon;
	clock_gettime(CLOCK_REALTIME, &soon);
	if ((soon.tv_nsec += 20000000) >= 1000000000)
		soon.tv_sec++, soon.tv_nsec -= 1000000000;
	pthread_mutex_lock(&plain);
	printf("timed out: %d\n", pthread_cond_timedwait(&changed, &plain, &soon) == ETIMEDOUT);
	pthread_mutex_unlock(&plain);

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&t[0], 0, die, 0);
	pthread_join(t[0], 0);
	printf("the owner died: %d\n", pthread_mutex_lock(&robust) == EOWNERDEAD);
	printf("consistent: %d, unlocked: %d\n", pthread_mutex_consistent(&robust), pthread_mutex_unlock(&robust));

	pthread_create(&t[0], 0, linger, 0);
	pthread_cancel(t[0]);
	pthread_join(t[0], &result);
	printf("cancelled: %d\n", result == PTHREAD_CANCELED);
	return 0;
}
