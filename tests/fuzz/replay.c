/* replay.c: stands in for libFuzzer: gives a fuzz target every file of the directories named.
 *
 * Each input is handed over in a block of its own size, so that a sanitizer sees a read past the end. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void replay_file(const char *path, size_t size)
{
    uint8_t *data = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");

    if (!data || !file || fread(data, 1, size, file) != size) {
        fprintf(stderr, "%s: cannot read\n", path);
        exit(1);
    }
    fclose(file);
    fprintf(stderr, "%s\n", path); /* before the call: the last line names the input that crashed */
    LLVMFuzzerTestOneInput(data, size);
    free(data);
}

static int replay_directory(const char *path)
{
    int count = 0;
    DIR *directory = opendir(path);

    if (!directory) {
        fprintf(stderr, "%s: cannot open\n", path);
        exit(1);
    }
    for (const struct dirent *entry; (entry = readdir(directory));) {
        char name[4096];
        struct stat info;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        if (stat(name, &info) == 0 && S_ISREG(info.st_mode)) {
            replay_file(name, (size_t)info.st_size);
            count++;
        }
    }
    closedir(directory);
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;

    for (int i = 1; i < argc; i++)
        count += replay_directory(argv[i]);
    printf("%d inputs\n", count);
    return count ? 0 : 1; /* an empty corpus tests nothing */
}
