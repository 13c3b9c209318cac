/* Gives a target the bytes of each file that is named, without libFuzzer. */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>

#define INPUT_BYTES_MAX ((size_t)1 << 20)

int
main(int argc, char **argv)
{
	static uint8_t bytes[INPUT_BYTES_MAX];

	for (int i = 1; i < argc; i++) {
		FILE *file = fopen(argv[i], "rb");
		size_t size;

		if (file == NULL) {
			perror(argv[i]);
			return 1;
		}
		size = fread(bytes, 1, sizeof(bytes), file);
		(void)fclose(file);
		/* Its name is the last thing said when it breaks. */
		fprintf(stderr, "%s\n", argv[i]);
		(void)LLVMFuzzerTestOneInput(bytes, size);
	}
	return 0;
}
