/* Stands in for node where an image is made that nobody runs: answers golive's question where it
 * lies (node --print process.execPath), in a thousandth of the time and the size. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path);
    if (argc != 3 || strcmp(argv[1], "--print") != 0 || strcmp(argv[2], "process.execPath") != 0)
        return 2;
    if (len < 0 || printf("%.*s\n", (int)len, path) < 0)
        return 1;
    return 0;
}
