// Lifelines: how a parent learns of a sudden death before the process is gone.
//
// A lifeline is a page of shared memory with a robust lock, which the main thread of a component
// holds for as long as it lives. When the thread dies by a signal, marking that lock and waking who
// waits for it is among the first things that the kernel does; only then it takes the memory of the
// process down, which is milliseconds, closes its descriptors, and tells its parent.
#pragma once

#include <pthread.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

#include "dataspace.h"

namespace bulkhead {

// Ties the calling thread to the lifeline behind a descriptor, which is closed; 0 or -errno. Once a
// process, by its main thread.
int hold_lifeline(int descriptor);

// Lets go of it: who leaves by itself has not died suddenly. Leaving through exit() does this too.
void release_lifeline();

// Watches lifelines, in a thread that runs as long as there is one to watch.
class LifelineWatch {
 public:
  LifelineWatch() = default;
  LifelineWatch(const LifelineWatch&) = delete;
  LifelineWatch& operator=(const LifelineWatch&) = delete;
  ~LifelineWatch();

  // Watches the lifeline behind a descriptor, which stays the caller's. Returns a descriptor that
  // becomes readable when its holder has died suddenly, or -errno. It may stay silent: the
  // lifelines beyond `most_watched`, and one that its holder misuses, are not watched.
  int add(int descriptor);

  // Ends the watch for which `add` returned `told`, and closes that.
  void remove(int told);

  static constexpr size_t most_watched = 127;

 private:
  struct Watched {
    Mapping page;
    int told;
    // What the lock held when it was looked at last.
    uint32_t seen;
    // How often it changed, or its holder woke us. An honest one takes it and may let go.
    unsigned changes;
    bool over;
  };

  // All with `access_` held.
  void wake();
  void look(Watched& watched);

  void run();

  std::mutex access_;
  std::vector<Watched> watched_;
  // Counts additions and removals; the thread waits for a change of it too.
  std::atomic<uint32_t> changes_ = 0;
  bool running_ = false;
  pthread_t thread_{};
};

}  // namespace bulkhead
