/* Content types by the ending of a name.
 * https://www.iana.org/assignments/media-types */
#include <string.h>
#include <strings.h>

#include "platform/aws/site_manifest.h"

static const struct {
    const char *ending, *type;
} types[] = {
    {"atom",        "application/atom+xml; charset=utf-8"     },
    {"avif",        "image/avif"                              },
    {"bmp",         "image/bmp"                               },
    {"cjs",         "text/javascript; charset=utf-8"          },
    {"css",         "text/css; charset=utf-8"                 },
    {"csv",         "text/csv; charset=utf-8"                 },
    {"eot",         "application/vnd.ms-fontobject"           },
    {"flac",        "audio/flac"                              },
    {"gif",         "image/gif"                               },
    {"gz",          "application/gzip"                        },
    {"htm",         "text/html; charset=utf-8"                },
    {"html",        "text/html; charset=utf-8"                },
    {"ico",         "image/vnd.microsoft.icon"                },
    {"ics",         "text/calendar; charset=utf-8"            },
    {"jpeg",        "image/jpeg"                              },
    {"jpg",         "image/jpeg"                              },
    {"js",          "text/javascript; charset=utf-8"          },
    {"json",        "application/json; charset=utf-8"         },
    {"jsonld",      "application/ld+json; charset=utf-8"      },
    {"jxl",         "image/jxl"                               },
    {"m4a",         "audio/mp4"                               },
    {"map",         "application/json; charset=utf-8"         },
    {"md",          "text/markdown; charset=utf-8"            },
    {"mjs",         "text/javascript; charset=utf-8"          },
    {"mov",         "video/quicktime"                         },
    {"mp3",         "audio/mpeg"                              },
    {"mp4",         "video/mp4"                               },
    {"oga",         "audio/ogg"                               },
    {"ogg",         "audio/ogg"                               },
    {"ogv",         "video/ogg"                               },
    {"otf",         "font/otf"                                },
    {"pdf",         "application/pdf"                         },
    {"png",         "image/png"                               },
    {"rss",         "application/rss+xml; charset=utf-8"      },
    {"svg",         "image/svg+xml; charset=utf-8"            },
    {"tiff",        "image/tiff"                              },
    {"ttf",         "font/ttf"                                },
    {"txt",         "text/plain; charset=utf-8"               },
    {"vtt",         "text/vtt; charset=utf-8"                 },
    {"wasm",        "application/wasm"                        },
    {"wav",         "audio/wav"                               },
    {"webm",        "video/webm"                              },
    {"webmanifest", "application/manifest+json; charset=utf-8"},
    {"webp",        "image/webp"                              },
    {"woff",        "font/woff"                               },
    {"woff2",       "font/woff2"                              },
    {"xhtml",       "application/xhtml+xml; charset=utf-8"    },
    {"xml",         "application/xml; charset=utf-8"          },
    {"zip",         "application/zip"                         },
};

const char *gl_site_type(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *dot = strrchr(slash ? slash : path, '.');
    for (size_t i = 0; dot && i < GL_COUNT(types); i++) {
        if (strcasecmp(dot + 1, types[i].ending) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}
