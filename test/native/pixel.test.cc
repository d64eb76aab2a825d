// Rows of pixels by every kernel of this processor, and rectangles of pictures: what is drawn, and
// that nothing else is.
#include <limits>
#include <vector>

#include "../../native/pixel/composition.h"
#include "../../native/pixel/kernels.h"
#include "../../native/pixel/picture.h"
#include "check.h"
#include "mix.h"

using namespace bulkhead::pixel;

namespace {

check::Random random_numbers(42);

uint32_t random_bits() { return random_numbers.next(); }

uint32_t random_pixel() { return random_bits() & 0xffffff; }

std::vector<uint32_t> random_pixels(size_t count) {
  std::vector<uint32_t> pixels(count);
  for (uint32_t& pixel : pixels) pixel = random_pixel();
  return pixels;
}

// Transparent, opaque and translucent ones, in runs as text and windows have them.
std::vector<uint8_t> random_opacity(size_t count) {
  std::vector<uint8_t> opacity(count);
  for (size_t i = 0; i < count;) {
    const uint8_t value = random_bits() % 3 == 0   ? 0
                          : random_bits() % 2 == 0 ? 255
                                                   : static_cast<uint8_t>(random_bits());
    for (size_t run = random_bits() % 20 + 1; run > 0 && i < count; --run) opacity[i++] = value;
  }
  return opacity;
}

bool same(uint32_t a, uint32_t b) { return ((a ^ b) & 0xffffff) == 0; }

void test_kernels() {
  for (const Kernels* const* each = usable_kernels(); *each != nullptr; ++each) {
    const Kernels& row = **each;
    for (size_t count = 0; count < 70; ++count) {
      for (size_t shift = 0; shift < 3; ++shift) {
        const auto source = random_pixels(count + shift);
        const auto opacity = random_opacity(count + shift);
        const auto before = random_pixels(count + shift + 1);
        const uint32_t color = random_pixel();
        const auto amount = static_cast<uint8_t>(random_bits());

        auto target = before;
        row.blend(target.data() + shift, source.data() + shift, opacity.data() + shift, count);
        for (size_t i = shift; i < count + shift; ++i)
          EXPECT(same(target[i], expected_mix(source[i], before[i], opacity[i])));
        EXPECT(target.back() == before.back());
        EXPECT(shift == 0 || target[shift - 1] == before[shift - 1]);

        target = before;
        row.tint(target.data() + shift, source.data() + shift, color, amount, count);
        for (size_t i = shift; i < count + shift; ++i)
          EXPECT(same(target[i], expected_mix(color, source[i], amount)));
        EXPECT(target.back() == before.back());

        target = before;
        row.fill(target.data() + shift, color, count);
        for (size_t i = shift; i < count + shift; ++i) EXPECT(target[i] == color);
        EXPECT(target.back() == before.back());

        std::vector<uint16_t> narrow(count + shift + 1, 0xabcd);
        row.rgb565(narrow.data() + shift, source.data() + shift, count);
        for (size_t i = shift; i < count + shift; ++i) {
          const uint32_t red = source[i] >> 16 & 0xff;
          const uint32_t green = source[i] >> 8 & 0xff;
          const uint32_t blue = source[i] & 0xff;
          EXPECT(narrow[i] == red / 8 * 2048 + green / 4 * 32 + blue / 8);
        }
        EXPECT(narrow.back() == 0xabcd);
      }
    }
  }
}

void test_all_weights() {
  for (const Kernels* const* each = usable_kernels(); *each != nullptr; ++each) {
    for (uint32_t weight = 0; weight < 256; ++weight) {
      std::vector<uint32_t> source(256);
      std::vector<uint32_t> target(256);
      for (uint32_t value = 0; value < 256; ++value) {
        source[value] = value | (255 - value) << 8 | (value * 7 & 0xff) << 16;
        target[value] = (value * 13 & 0xff) | value << 8 | (255 - value) << 16;
      }
      const auto before = target;
      const std::vector<uint8_t> opacity(256, static_cast<uint8_t>(weight));
      (*each)->blend(target.data(), source.data(), opacity.data(), 256);
      for (size_t i = 0; i < 256; ++i)
        EXPECT(same(target[i], expected_mix(source[i], before[i], weight)));
    }
  }
}

// A coordinate, often beyond every picture.
int64_t wild(int64_t size) {
  switch (random_bits() % 8) {
    case 0:
      return std::numeric_limits<int32_t>::min();
    case 1:
      return std::numeric_limits<int32_t>::max();
    case 2:
      return (1LL << 40) - static_cast<int64_t>(random_bits() % 3);
    case 3:
      return -(1LL << 40);
    default:
      return static_cast<int64_t>(random_bits() % static_cast<uint32_t>(3 * size)) - size;
  }
}

Rectangle wild_rectangle(int64_t size) {
  const int64_t left = wild(size);
  const int64_t top = wild(size);
  return {left, top, left + wild(size), top + wild(size)};
}

bool inside(const Rectangle& rectangle, int64_t x, int64_t y) {
  return x >= rectangle.left && x < rectangle.right && y >= rectangle.top && y < rectangle.bottom;
}

constexpr int64_t side = 24;

void test_copy() {
  for (int round = 0; round < 4000; ++round) {
    // Of exactly the size, so that an address sanitizer sees every step beside it.
    const int64_t target_stride = side + static_cast<int64_t>(random_bits() % 3);
    std::vector<uint32_t> target(static_cast<size_t>((side - 1) * target_stride + side), 1);
    const std::vector<uint32_t> source = random_pixels(side * side);
    const Rectangle from = wild_rectangle(side);
    const Point to{wild(side), wild(side)};
    copy({target.data(), side, side, target_stride}, to, {source.data(), side, side, side}, from);
    for (int64_t y = 0; y < side; ++y) {
      for (int64_t x = 0; x < side; ++x) {
        const int64_t source_x = x - to.x + from.left;
        const int64_t source_y = y - to.y + from.top;
        const bool copied =
            inside(from, source_x, source_y) && inside({0, 0, side, side}, source_x, source_y);
        const uint32_t seen = target[static_cast<size_t>(y * target_stride + x)];
        EXPECT(seen == (copied ? source[static_cast<size_t>(source_y * side + source_x)] : 1));
      }
    }
  }
}

void test_composition() {
  for (int round = 0; round < 3000; ++round) {
    std::vector<uint32_t> target(side * side, 1);
    std::vector<std::vector<uint32_t>> pixels;
    std::vector<std::vector<uint8_t>> opacities;
    std::vector<Layer> layers;
    for (size_t count = random_bits() % 5; count > 0; --count) {
      const auto width = static_cast<int64_t>(random_bits() % side + 1);
      const auto height = static_cast<int64_t>(random_bits() % side + 1);
      const auto area = static_cast<size_t>(width * height);
      pixels.push_back(random_pixels(area));
      opacities.push_back(random_opacity(area));
      Layer layer;
      layer.pixels = {pixels.back().data(), width, height, width};
      if (random_bits() % 2 == 0) layer.opacity = opacities.back().data();
      layer.place = random_bits() % 4 == 0 ? wild_rectangle(side) : Rectangle{0, 0, width, height};
      layer.origin = random_bits() % 2 == 0 ? Point{} : Point{wild(side), wild(side)};
      layer.color = random_pixel();
      layer.tint = random_bits() % 3 == 0 ? static_cast<uint8_t>(random_bits()) : 0;
      layers.push_back(layer);
    }
    const Rectangle part =
        random_bits() % 2 == 0 ? wild_rectangle(side) : Rectangle{0, 0, side, side};
    const uint32_t background = random_pixel();
    compose({target.data(), side, side, side}, part, layers, background);
    for (int64_t y = 0; y < side; ++y) {
      for (int64_t x = 0; x < side; ++x) {
        uint32_t expected = 1;
        if (inside(part, x, y)) {
          expected = background;
          for (size_t index = layers.size(); index > 0; --index) {
            const Layer& layer = layers[index - 1];
            const int64_t source_x = x - layer.place.left + layer.origin.x;
            const int64_t source_y = y - layer.place.top + layer.origin.y;
            if (!inside(layer.place, x, y) || !inside(layer.pixels.bounds(), source_x, source_y))
              continue;
            const int64_t offset = source_y * layer.pixels.stride + source_x;
            uint32_t pixel = layer.pixels.elements[offset];
            if (layer.tint != 0) pixel = expected_mix(layer.color, pixel, layer.tint);
            expected = layer.opacity == nullptr
                           ? pixel
                           : expected_mix(pixel, expected, layer.opacity[offset]);
          }
        }
        EXPECT(same(target[static_cast<size_t>(y * side + x)], expected));
      }
    }
  }
}

void test_fits() {
  const auto fits = [](int64_t width, int64_t height, int64_t stride, uint64_t count) {
    return Pixels{nullptr, width, height, stride}.fits(count);
  };
  EXPECT(fits(4, 3, 5, 14));
  EXPECT(!fits(4, 3, 5, 13));
  EXPECT(!fits(0, 3, 5, 100));
  EXPECT(!fits(4, -1, 5, 100));
  EXPECT(!fits(4, 3, 3, 100));
  EXPECT(!fits(1LL << 40, 1LL << 40, 1LL << 40, 100));
  EXPECT(!fits(1LL << 24, 1LL << 24, 1LL << 24, 1LL << 40));
}

}  // namespace

int main() {
  check::test("every kernel does what the definition says, and nothing beside", test_kernels);
  check::test("every channel with every weight is rounded to the nearest", test_all_weights);
  check::test("copies what lies in both pictures, wherever the rectangle lies", test_copy);
  check::test("composes layers as drawing them pixel by pixel does", test_composition);
  check::test("a picture fits its memory, or is none", test_fits);
  return check::summary();
}
