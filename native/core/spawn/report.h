/** What became of a `create`: the measures in force, those that are not and why, or the failure. */
#pragma once

#include <cstdint>

#include "protocol.h"

namespace bulkhead::spawn {

/**
 * Plain bytes below PIPE_BUF: the child process sends it through a pipe in one piece, started from
 * the state that the spawner's half had reached.
 */
struct Report {
  uint32_t applied = 0;
  /** 0 or -errno. */
  int32_t error = 0;
  char stage[32] = "";
  char detail[512] = "";
  /** One line a measure: "name: reason". */
  char missing[2048] = "";

  void apply(uint32_t measures) { applied |= measures; }
  /** Names a measure that the component goes without. */
  [[gnu::format(printf, 3, 4)]] void lack(const char* measure, const char* format, ...);
  /** Ends the start; `format` says what was tried on what. Answers `error`, so that `return
   * report.fail(...)` reads well. */
  [[gnu::format(printf, 4, 5)]] int fail(const char* at_stage, int error, const char* format, ...);
};
static_assert(sizeof(Report) <= 4096, "a pipe takes up to PIPE_BUF bytes in one piece");

/** The text of an errno, "permission denied"-like; takes the number with either sign. */
const char* reason(int error);

}  // namespace bulkhead::spawn
