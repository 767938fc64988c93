// Numbers prints and reads numbers of all kinds.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

int main(void) {
	volatile double pi = 3.14159265358979, big = 1e300, zero = 0;
	volatile float f = 2.5f;
	printf("%d %u %x %o %c %s %p %ld %lld %zu\n", -5, 5u, 255, 8, 'c', "str", (void *)0x1234, -7L, 1LL << 60, sizeof pi);
	printf("%f %e %g %10.3f %-10.2e| %a\n", pi, pi, pi, pi, pi, pi);
	printf("%f %g %g %g %.1f\n", big, 1 / zero, -1 / zero, zero / zero, f);
	printf("%+d|%05d|%#x|%.3s\n", 5, 42, 255, "abcdef");
	printf("%.17g %.17g %.17g %.17g\n", sin(pi / 3), exp(f), pow(f, 0.3), log(pi));
	printf("%.17g %.17g %.17g %.17g\n", atan2(1, pi), tgamma(5.5), fmod(big, pi), cbrt(-f));
	float read;
	int n, items = sscanf("1.5e1 7", "%f %d", &read, &n);
	printf("%d %g %d %.17g %ld\n", items, read, n, strtod("123.456e-20", 0), strtol("-0x7f", 0, 16));
	return 7;
}
