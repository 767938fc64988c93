// Memory sorts, allocates and frees at random, and jumps out of nested calls.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned seed = 1;

static unsigned next(void) { return (seed = seed * 1103515245 + 12345) >> 8; }

static int ascending(const void *a, const void *b) { return *(int *)a - *(int *)b; }

static jmp_buf out;

static void down(int depth) {
	if (depth == 0)
		longjmp(out, 42);
	down(depth - 1);
}

int main(void) {
	enum { numbers = 20000, blocks = 500 };
	int *a = malloc(numbers * sizeof *a);
	for (int i = 0; i < numbers; i++)
		a[i] = next() & 0xffff;
	qsort(a, numbers, sizeof *a, ascending);
	unsigned hash = 0;
	for (int i = 0; i < numbers; i++)
		hash = hash * 31 + a[i];
	printf("sorted: %u\n", hash);

	static unsigned char *block[blocks];
	unsigned long sum = 0;
	for (int i = 0; i < 30000; i++) {
		int n = next() % blocks;
		size_t size = next() % (i % 100 ? 3000 : 500000) + 1; // the large ones are mapped and unmapped
		free(block[n]);
		block[n] = malloc(size);
		memset(block[n], i, size);
		sum += block[n][size / 2];
	}
	for (int n = 0; n < blocks; n++)
		sum += *(block[n] = realloc(block[n], 100000));
	printf("allocated: %lu\n", sum);

	int from = setjmp(out);
	if (from == 0)
		down(100);
	printf("came back with %d\n", from);
	return 0;
}
