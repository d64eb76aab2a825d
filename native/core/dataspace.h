// Dataspaces: memory that components share, as sealed memfds.
#pragma once

#include <cstddef>
#include <cstdint>

namespace bulkhead {

// A mapping of a dataspace into this process.
struct Mapping {
  void* address = nullptr;
  size_t bytes = 0;
  bool writable = false;
};

// Makes a dataspace of at least `bytes` bytes (rounded up to whole pages), sealed against shrinking
// and growing, so that no holder can make another fault by truncating it. All pages are allocated
// at once: a first touch on the data path would cost some 2 us a page. Returns a descriptor or
// -errno. With `final` nobody can add a further seal: right for memory that two sides write, such
// as a channel's.
int create_dataspace(const char* name, size_t bytes, bool final = false);

// The size of a dataspace in bytes, or -errno; -EPROTO for a descriptor that is not a memfd sealed
// against shrinking.
int64_t dataspace_bytes(int descriptor);

// Maps a whole dataspace. Returns 0 or -errno; -EPROTO as above.
int map_dataspace(int descriptor, bool writable, Mapping& result);
int unmap_dataspace(Mapping& mapping);

// From now on no new writable mapping and no write(2) is possible, by anyone, irrevocably; mappings
// that exist stay writable. So the writer maps first, seals, and only then passes the descriptor
// on.
int seal_writes(int descriptor);

// Gives the pages back to the kernel even while a peer keeps the memory mapped (it then reads
// zeros).
int discard_pages(int descriptor);

}  // namespace bulkhead
