/* Libraries that are loaded by the first call of one of their functions. Loading and relocating all
 * that golive is linked with takes longer than most commands do, which need few of them. The calls
 * come here by the assembly that scripts/lazy-libraries writes at build time. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { LOADER_FAILED = 127 }; /* as the loader's own exit status */

/* By scripts/lazy-libraries. Slots and names are in the order of the libraries: those of one begin
 * where those of the one before it end. Texts stand one behind the other. */
extern void *gl_lazy_slots[];
extern const uint32_t gl_lazy_library_count;
extern const uint32_t gl_lazy_ends[];
extern const char gl_lazy_sonames[];
extern const char gl_lazy_names[];

/* Called by the assembly; `index` of a slot. Gives the function that belongs there. */
void *gl_lazy_resolve(uint64_t index);

static const char *nth(const char *texts, size_t index)
{
    for (; index > 0; index--)
        texts += strlen(texts) + 1;
    return texts;
}

/* What a missing library would have kept from starting keeps from going on. */
__attribute__((noreturn)) static void fail(const char *why)
{
    (void)fprintf(stderr, "golive: error: a library cannot be loaded: %s\n", why);
    (void)fflush(NULL);
    _exit(LOADER_FAILED);
}

/* What the loader made read-only of the program itself, which comes first. */
struct relro {
    uintptr_t begin, end;
};

static int find_relro(struct dl_phdr_info *info, size_t size, void *context)
{
    struct relro *relro = context;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    (void)size;
    for (size_t i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        if (segment->p_type != PT_GNU_RELRO)
            continue;
        relro->begin = (info->dlpi_addr + segment->p_vaddr) / page * page;
        relro->end = (info->dlpi_addr + segment->p_vaddr + segment->p_memsz) / page * page;
    }
    return 1;
}

/* Slots are read-only but for the moment in which they are filled; they always can be written where
 * the program was linked so that the loader left them writable. */
static void protect(int how)
{
    struct relro relro = {0};
    (void)dl_iterate_phdr(find_relro, &relro);
    uintptr_t first = (uintptr_t)gl_lazy_slots;
    uintptr_t last = (uintptr_t)&gl_lazy_slots[gl_lazy_ends[gl_lazy_library_count - 1]];
    if (first < relro.begin || last > relro.end)
        return;
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): where the loader's region begins */
    if (mprotect((void *)relro.begin, relro.end - relro.begin, how) < 0)
        fail(strerror(errno));
}

static void load(size_t library)
{
    size_t begin = library ? gl_lazy_ends[library - 1] : 0;
    size_t end = gl_lazy_ends[library];
    void *handle = dlopen(nth(gl_lazy_sonames, library), RTLD_NOW | RTLD_LOCAL);
    const char *name = nth(gl_lazy_names, begin);
    if (!handle)
        fail(dlerror());
    protect(PROT_READ | PROT_WRITE);
    for (size_t i = begin; i < end; i++) {
        void *function = dlsym(handle, name);
        if (!function)
            fail(dlerror());
        __atomic_store_n(&gl_lazy_slots[i], function, __ATOMIC_RELEASE);
        name += strlen(name) + 1;
    }
    protect(PROT_READ);
}

/* Two threads may come at once: the second finds the library loaded. A slot that was filled does
 * not lead here any more. */
void *gl_lazy_resolve(uint64_t index)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static uint64_t loaded; /* a bit for each library */
    int problem = errno;
    size_t library = 0;
    while (library < gl_lazy_library_count && index >= gl_lazy_ends[library])
        library++;
    pthread_mutex_lock(&lock);
    if (!(loaded >> library & 1))
        load(library);
    loaded |= UINT64_C(1) << library;
    void *function = gl_lazy_slots[index];
    pthread_mutex_unlock(&lock);
    errno = problem;
    return function;
}
