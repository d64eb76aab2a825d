// The waiting policy on a clock of its own: nothing here depends on the machine's timing.
#include "../../native/core/waiting.h"

#include <vector>

#include "check.h"

using namespace bulkhead;
using Result = SpinWindow::Result;

namespace {

constexpr uint64_t start_ns = 1'000'000'000;

// Looks without result, `yield_ns` apart, until the window says otherwise. Returns the time at the
// end.
uint64_t exhaust(SpinWindow& window, uint64_t now, uint64_t yield_ns, Result expected) {
  Result result;
  do {
    now += yield_ns;
    result = window.step(now);
  } while (result == Result::again);
  EXPECT(result == expected);
  return now;
}

void closes_after_its_length() {
  SpinWindow window;
  EXPECT(window.open(start_ns));
  EXPECT_EQUAL(exhaust(window, start_ns, 1000, Result::over), start_ns + SpinWindow::window_ns);
  // The next timer closes it sooner, and leaves no window at all if it is due.
  EXPECT(window.open(start_ns, start_ns + 10'000));
  EXPECT_EQUAL(exhaust(window, start_ns, 1000, Result::over), start_ns + 10'000);
  EXPECT(!window.open(start_ns, start_ns));
  EXPECT(!window.open(start_ns, start_ns - 1));
}

void backs_off_from_slow_yields() {
  SpinWindow window;
  uint64_t now = start_ns;
  uint64_t expected = SpinWindow::first_back_off_ns;
  for (int round = 0; round < 12; ++round) {
    EXPECT(window.open(now));
    now += SpinWindow::slow_yield_ns + 1;
    EXPECT(window.step(now) == Result::backed_off);
    EXPECT_EQUAL(window.back_off_ns(), expected);
    EXPECT(!window.open(now));
    EXPECT(!window.open(now + expected - 1));
    now += expected;
    expected = std::min(expected * 2, SpinWindow::longest_back_off_ns);
  }
  EXPECT_EQUAL(window.back_off_ns(), SpinWindow::longest_back_off_ns);
  // Decays with every window that goes well, whether or not it found something.
  uint64_t before = window.back_off_ns();
  for (int round = 0; round < 9; ++round) {
    EXPECT(window.open(now));
    if (round % 2 == 0) {
      window.hit();
    } else {
      now = exhaust(window, now, 20'000, Result::over);
    }
    EXPECT(window.back_off_ns() <= before / 2);
    before = window.back_off_ns();
  }
  EXPECT_EQUAL(window.back_off_ns(), 0u);
}

void long_yields_are_not_slow_ones() {
  // A yield may run the peer for a while; that is what it is for.
  SpinWindow window;
  EXPECT(window.open(start_ns));
  EXPECT(window.step(start_ns + SpinWindow::slow_yield_ns) == Result::over);
  EXPECT(window.open(start_ns + SpinWindow::slow_yield_ns));
}

void rarely_looks_where_nothing_comes() {
  SpinWindow window;
  uint64_t now = start_ns;
  const auto opened_of = [&](int waits) {
    int opened = 0;
    for (int wait = 0; wait < waits; ++wait) {
      now += 1'000'000;
      if (!window.open(now)) continue;
      ++opened;
      exhaust(window, now, 1000, Result::over);
    }
    return opened;
  };
  const int patience = static_cast<int>(SpinWindow::patience);
  EXPECT_EQUAL(opened_of(patience), patience);
  EXPECT_EQUAL(opened_of(800), 800 / static_cast<int>(SpinWindow::sparse_interval));
  // One hit restores trust for a while.
  while (!window.open(now)) now += 1'000'000;
  window.hit();
  EXPECT_EQUAL(opened_of(patience / 2), patience / 2);
}

struct Sessions {
  explicit Sessions(size_t count) : events(count), asleep(count) {
    for (size_t index = 0; index < count; ++index) {
      watches.push_back({&events[index], &asleep[index], 0});
    }
  }
  std::vector<uint32_t> events, asleep;
  std::vector<Watch> watches;
};

void looks_and_sleeps_over_several_sessions() {
  Sessions sessions(5);
  EXPECT(!look(sessions.watches));
  EXPECT(fall_asleep(sessions.watches));
  for (const uint32_t flag : sessions.asleep) EXPECT_EQUAL(flag, 1u);
  take_back(sessions.watches);
  for (const uint32_t flag : sessions.asleep) EXPECT_EQUAL(flag, 0u);
  for (uint32_t& word : sessions.events) {
    word = UINT32_MAX;
    EXPECT(look(sessions.watches));
    EXPECT(!fall_asleep(sessions.watches));
    for (const uint32_t flag : sessions.asleep) EXPECT_EQUAL(flag, 0u);
    word = 0;
  }
  EXPECT(fall_asleep({}));
}

void spins_until_something_moves() {
  Sessions sessions(3);
  SpinWindow window;
  uint64_t now = start_ns;
  int yields = 0;
  const auto clock = [&] { return now += 100; };
  EXPECT(spin(window, sessions.watches, clock, [&] {
    if (++yields == 7) sessions.events[2] = 1;
  }));
  EXPECT_EQUAL(yields, 7);
  // Something that is there already costs no yield.
  EXPECT(spin(window, sessions.watches, clock, [&] { ++yields; }));
  EXPECT_EQUAL(yields, 7);
  sessions.watches[2].seen = 1;
  EXPECT(!spin(window, sessions.watches, clock, [&] { ++yields; }));
  EXPECT_EQUAL(yields, 7 + static_cast<int>(SpinWindow::window_ns / 100));
  // Backing off, it sleeps at once, but what is there is still seen.
  EXPECT(!spin(window, sessions.watches, clock, [&] { now += 400'000; }));
  yields = 0;
  EXPECT(!spin(window, sessions.watches, clock, [&] { ++yields; }));
  EXPECT_EQUAL(yields, 0);
  sessions.events[0] = 9;
  EXPECT(spin(window, sessions.watches, clock, [&] { ++yields; }));
}

}  // namespace

int main() {
  check::test("a window closes after its length or at the next timer", closes_after_its_length);
  check::test("slow yields back off and good windows recover", backs_off_from_slow_yields);
  check::test("a long yield is not a slow one", long_yields_are_not_slow_ones);
  check::test("looks rarely where nothing comes", rarely_looks_where_nothing_comes);
  check::test("several sessions", looks_and_sleeps_over_several_sessions);
  check::test("spin", spins_until_something_moves);
  return check::summary();
}
