// scripts/model stream   (by hand: spin -a stream.pml && cc -O2 -DSAFETY -o pan pan.c && ./pan)
// check: safety
// check: safety  cc: -DBROKEN  expect: error
//
// The bound on packets under way: a source that never has more than SLOTS of them needs no other check for room, in
// either ring, though the sink takes and acknowledges in parts and in any order. Indices wrap at WRAP. Store
// buffers are those of wakeup.pml.
//
// Verified: every descriptor is found as it was written, each packet is acknowledged once, and a sink that checks
// the source's index against its own published acknowledgements never refuses an honest source.
//
// BROKEN: the source forgets the bound by one.

#ifndef PACKETS
#define PACKETS 4
#endif
#define SLOTS 2
#define WRAP 8
#ifdef BROKEN
#define BOUND (SLOTS + 1)
#else
#define BOUND SLOTS
#endif
#define distance(from, to) (((to) + WRAP - (from)) % WRAP)

#define source 0
#define sink 1
#define SUBMIT_HEAD 0
#define ACKNOWLEDGE_HEAD 1
#define SUBMIT(index) (2 + (index) % SLOTS)
#define ACKNOWLEDGE(index) (2 + SLOTS + (index) % SLOTS)
byte memory[6];
chan buffer[2] = [3] of { byte, byte };
bit under_way[WRAP];

proctype drain(byte me) {
  byte word, value;
end:
  do
  :: atomic { buffer[me] ? word, value -> memory[word] = value; word = 0; value = 0 }
  od
}

inline store(word, value) { buffer[me] ! word, value }

proctype source_side() {
  byte me = source;
  byte submitted, acknowledged, head = WRAP - 2, tail = WRAP - 2, found;
  do
  :: acknowledged == PACKETS -> break
  :: submitted < PACKETS && distance(tail, head) < BOUND ->
    under_way[submitted % WRAP] = 1;
    store(SUBMIT(head), submitted + 1);
    submitted++;
    head = (head + 1) % WRAP;
    if
    :: store(SUBMIT_HEAD, head)
    :: submitted < PACKETS && distance(tail, head) < BOUND  // published with the next one
    fi
  :: memory[ACKNOWLEDGE_HEAD] != tail ->
    found = memory[ACKNOWLEDGE(tail)] - 1;
    assert(found < submitted && under_way[found % WRAP]);
    under_way[found % WRAP] = 0;
    acknowledged++;
    tail = (tail + 1) % WRAP
  od
}

proctype sink_side() {
  byte me = sink;
  byte taken, answered, head = WRAP - 2, published = WRAP - 2, tail = WRAP - 2, seen;
  byte held[SLOTS + 1];
  byte count;
  do
  :: answered == PACKETS -> break
  :: memory[SUBMIT_HEAD] != tail ->
    seen = memory[SUBMIT_HEAD];
    assert(distance(published, seen) <= SLOTS);
    assert(memory[SUBMIT(tail)] == taken + 1);
    held[count] = taken + 1;
    count++;
    taken++;
    tail = (tail + 1) % WRAP
  :: count > 0 ->
    // The oldest, or the newest.
    if
    :: store(ACKNOWLEDGE(head), held[0]); held[0] = held[count - 1]
    :: store(ACKNOWLEDGE(head), held[count - 1])
    fi;
    count--;
    held[count] = 0;
    answered++;
    head = (head + 1) % WRAP;
    if
    :: published = head; store(ACKNOWLEDGE_HEAD, head)
    :: count > 0  // published with the next one
    fi
  od
}

init {
  atomic {
    memory[SUBMIT_HEAD] = WRAP - 2;
    memory[ACKNOWLEDGE_HEAD] = WRAP - 2;
    run drain(source);
    run drain(sink);
    run source_side();
    run sink_side()
  }
}
