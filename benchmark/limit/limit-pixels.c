// What a processor does with a screen of pixels.
//
//   limit-pixels --mode lines|piece|compose|probe [--width N] [--height N] [--milliseconds N]
//
// Pictures have 1920 by 1080 pixels. lines: memcpy of each line of a rectangle of so many pixels at 200, 150 between two
// pictures. piece: memcpy of as many bytes at once. compose: pixman lays a picture with a mask over another that it has
// copied. probe: whether pixman is there, by the exit code. The library is loaded when it is needed, so that this program
// needs nothing of it to be built.
#include <dlfcn.h>

#include "limit.h"

typedef struct pixman_image pixman_image;
// Of pixman's interface, as its manual gives it.
enum { format_x8r8g8b8 = 32 << 24 | 2 << 16 | 8 << 8 | 8 << 4 | 8, format_a8 = 8 << 24 | 1 << 16 | 8 << 12 };
enum { operation_source = 1, operation_over = 3 };
typedef pixman_image* (*create_function)(int format, int width, int height, uint32_t* bits, int stride);
typedef void (*composite_function)(int operation, pixman_image* source, pixman_image* mask, pixman_image* target,
                                   int32_t source_x, int32_t source_y, int32_t mask_x, int32_t mask_y,
                                   int32_t target_x, int32_t target_y, int32_t width, int32_t height);

enum { screen_width = 1920, screen_height = 1080, left = 200, top = 150, package_missing = 77 };

static void* found(void* library, const char* name) {
  void* function = library == NULL ? NULL : dlsym(library, name);
  if (function == NULL) {
    fprintf(stderr, "Cannot load pixman: %s; install libpixman-1-0\n", dlerror());
    exit(package_missing);
  }
  return function;
}

int main(int argc, char** argv) {
  const char* mode = text_option(argc, argv, "--mode", "lines");
  const size_t width = (size_t)number_option(argc, argv, "--width", 1024);
  const size_t height = (size_t)number_option(argc, argv, "--height", 768);
  const size_t count = (size_t)screen_width * screen_height;
  const size_t bytes = width * height * 4;
  const uint64_t duration = (uint64_t)number_option(argc, argv, "--milliseconds", 500) * 1000000u;
  const int composes = !strcmp(mode, "compose");
  void* library = NULL;
  create_function create = NULL;
  composite_function composite = NULL;
  const int lines = !strcmp(mode, "lines");
  if (!lines && strcmp(mode, "piece") != 0) {
    library = dlopen("libpixman-1.so.0", RTLD_NOW);
    create = (create_function)found(library, "pixman_image_create_bits");
    composite = (composite_function)found(library, "pixman_image_composite32");
    if (!composes) return 0;
  }
  if (width > screen_width - left || height > screen_height - top) {
    fprintf(stderr, "Cannot copy %zu by %zu pixels: the pictures end before\n", width, height);
    return 2;
  }
  uint32_t* target = shared(count * 4);
  uint32_t* picture = shared(count * 4);
  uint32_t* behind = shared(count * 4);
  uint8_t* mask = shared(count);
  for (size_t i = 0; i < count; ++i) {
    picture[i] = (uint32_t)i * 2654435761u;
    behind[i] = (uint32_t)i * 40503u;
    mask[i] = (uint8_t)(1 + i % 254);
  }
  pixman_image* images[4] = {0};
  if (composes) {
    images[0] = create(format_x8r8g8b8, screen_width, screen_height, target, screen_width * 4);
    images[1] = create(format_x8r8g8b8, screen_width, screen_height, picture, screen_width * 4);
    images[2] = create(format_x8r8g8b8, screen_width, screen_height, behind, screen_width * 4);
    images[3] = create(format_a8, screen_width, screen_height, (uint32_t*)mask, screen_width);
  }
  uint64_t rounds = 0;
  const uint64_t start = now_ns();
  uint64_t now = start;
  do {
    if (composes) {
      composite(operation_source, images[2], NULL, images[0], 0, 0, 0, 0, 0, 0, screen_width, screen_height);
      composite(operation_over, images[1], images[3], images[0], 0, 0, 0, 0, 0, 0, screen_width, screen_height);
    } else {
      const size_t start = (size_t)top * screen_width + left;
      if (lines)
        for (size_t line = 0; line < height; ++line)
          memcpy(target + start + line * screen_width, picture + start + line * screen_width, width * 4);
      else
        memcpy(target, picture, bytes);
      // The compiler must not find out that nobody reads it.
      __asm__ volatile("" ::"r"(target) : "memory");
    }
    ++rounds;
    now = now_ns();
  } while (now - start < duration);
  const double seconds = (double)(now - start) / 1e9;
  printf("{\"perSecond\": %.3f, \"gigabytesPerSecond\": %.3f}\n", (double)rounds / seconds,
         (double)rounds * (double)bytes / seconds / 1e9);
  return 0;
}
