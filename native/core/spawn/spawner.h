/** The components that one spawner has made, and what the root asks of them. */
#pragma once

#include <span>

#include "control-groups.h"
#include "descriptor.h"
#include "identity.h"
#include "report.h"
#include "request.h"

namespace bulkhead::spawn {

/** One created component, from clone until its process and all components nested in it are gone. */
struct Component {
  Component* next = nullptr;
  uint32_t id = 0;
  uint32_t parent = 0;
  /** The sequence number of its `create`, which is answered once exec has succeeded or failed. */
  uint32_t sequence = 0;
  Level level = Level::full;
  pid_t process = 0;
  Descriptor pidfd;
  /** Open until exec; then the start is over. */
  Descriptor outcome;
  Report report;
  /** The length of `report.missing` when the process was made: what follows is the spawner's part.
   */
  size_t common_missing = 0;
  /** Its /dev, as seen by the spawner, and whether that holds real nodes. */
  Descriptor devices;
  bool nodes = false;
  /** Its ids in the spawner's eyes: owner of its device nodes. */
  uid_t user = 0;
  gid_t group = 0;
  /** 0, or 1 + the offset of its user id. */
  uint32_t user_slot = 0;
  /** The child has reported that it is about to execute. */
  bool ready = false;
  /** The start failed and was answered so: its end is no event. */
  bool failed = false;
  bool ended = false;
  GroupPath groups = "";
};

class Spawner {
 public:
  /** `socket` is the root's; it stays the caller's. */
  explicit Spawner(int socket) : socket_(socket) {}
  Spawner(const Spawner&) = delete;
  Spawner& operator=(const Spawner&) = delete;

  void open();
  /** Answers one packet. */
  void handle(std::span<const uint8_t> packet, std::span<Descriptor> descriptors);
  /** Ends every component, waits for them, and removes their groups. */
  void close();

  Component* components() { return components_; }
  /** The pipe of a starting component is readable: a report, or the end of the start. */
  void continue_start(Component& component);
  /** The process of a component has ended. */
  void finish(Component& component);
  /** Frees what has ended and holds nothing nested; invalidates pointers to such components. */
  void sweep();

 private:
  Component* find(uint32_t id);
  int create(const CreateRequest& request, std::span<Descriptor> descriptors, Component& component);
  int start(const CreateRequest& request, std::span<Descriptor> descriptors, Component& component);
  int choose_user(const CreateRequest& request, Component& component);
  int choose_groups(const CreateRequest& request, Component& component);
  void conclude_start(Component& component);
  void kill_tree(Component& component);
  bool nested(uint32_t id, uint32_t ancestor);
  void end_strays();

  void answer_create(Reader& reader, std::span<Descriptor> descriptors, uint32_t sequence,
                     uint32_t id);
  void answer_resources(Reader& reader, uint32_t sequence, Component& component);
  void answer_device(Reader& reader, uint32_t sequence, Component& component, bool grant);
  void answer_console(Reader& reader, std::span<Descriptor> descriptors, uint32_t sequence);
  void answer_usage(uint32_t sequence, Component& component);
  void send(std::span<const uint8_t> bytes);
  void send_done(uint32_t sequence, uint32_t id);
  void send_failed(uint32_t sequence, uint32_t id, const Report& report);

  int socket_;
  Authority authority_;
  ControlGroups groups_;
  Component* components_ = nullptr;
  /** A console of the kernel that shows its text again when everything has ended. */
  Descriptor console_;
  uint32_t next_user_ = 0;
  uint64_t used_users_[component_users / 64] = {};
};

}  // namespace bulkhead::spawn
