/** Counts checks and prints one line for each. */
#pragma once

#include <cstdio>
#include <string>

namespace bulkhead::test {

class Checks {
 public:
  explicit Checks(std::string group) : group_(std::move(group)) {}

  void check(bool holds, const std::string& name, const std::string& seen) {
    if (holds)
      passed++;
    else
      failed++;
    if (holds)
      printf("passed   %s: %s\n", group_.c_str(), name.c_str());
    else
      printf("FAILED   %s: %s (%s)\n", group_.c_str(), name.c_str(), seen.c_str());
    fflush(stdout);
  }
  void skip(const std::string& name, const std::string& reason) {
    skipped++;
    printf("skipped  %s: %s (%s)\n", group_.c_str(), name.c_str(), reason.c_str());
    fflush(stdout);
  }

  int passed = 0;
  int failed = 0;
  int skipped = 0;

 private:
  std::string group_;
};

}  // namespace bulkhead::test
