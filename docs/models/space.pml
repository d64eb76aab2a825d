// scripts/model space   (by hand: spin -a space.pml && cc -O2 -DSAFETY -DNOCLAIM -o pan pan.c && ./pan -m200000)
// check: safety  cc: -DNOCLAIM  run: -m200000
// check: acceptance  cc: -DMESSAGES=3  run: -m200000 -N delivered
// check: safety  cc: -DNOCLAIM -DBROKEN=1  expect: error
// check: safety  cc: -DNOCLAIM -DBROKEN=2  expect: error
//
// The path of a caller that finds no room in the request ring: it sets "space wanted", looks at the tail once more,
// and sleeps by the bell; the server rings after it gave slots back to a caller that wants them. Nothing else would
// wake the caller here: the messages are oneways. Store buffers and bell are those of wakeup.pml.
//
// Verified: all messages pass, in a ring smaller than their number, and no side sleeps for ever; the server finds
// each slot as the client wrote it.
//
// BROKEN=1: the server's tail store is not ordered before its load of "space wanted".
// BROKEN=2: the client's "space wanted" store is not ordered before its second load of the tail.

#ifndef MESSAGES
#define MESSAGES 4
#endif
#define SLOTS 2
#ifndef BROKEN
#define BROKEN 0
#endif

#define client 0
#define server 1
#define peer (1 - me)

#define EVENTS(side) (side)
#define ASLEEP(side) (2 + (side))
#define HEAD 4
#define TAIL 5
#define WANTED 6
#define SLOT(index) (7 + (index) % SLOTS)
byte memory[9];
chan buffer[2] = [3] of { byte, byte };
bit doorbell[2];
byte passed;

proctype drain(byte me) {
  byte word, value;
end:
  do
  :: atomic { buffer[me] ? word, value -> memory[word] = value; word = 0; value = 0 }
  od
}

inline store(word, value) { buffer[me] ! word, value }
inline fence() { empty(buffer[me]) }

inline ring() {
  events = events + 1;
  store(EVENTS(me), events);
  fence();
  atomic {
    if
    :: memory[ASLEEP(peer)] -> memory[ASLEEP(peer)] = 0; doorbell[peer] = 1
    :: else
    fi
  }
}

inline sleep() {
  store(ASLEEP(me), 1);
  fence();
  if
  :: memory[EVENTS(peer)] != seen
  :: memory[EVENTS(peer)] == seen -> atomic { doorbell[me] -> doorbell[me] = 0 }
  fi;
  store(ASLEEP(me), 0)
}

proctype client_side() {
  byte me = client;
  byte events, seen, head, published, tail;
  bit wanted, blocked;
  do
  :: published == MESSAGES -> break
  :: else ->
    seen = memory[EVENTS(peer)];
    blocked = 0;
    do
    :: head == MESSAGES || blocked -> break
    :: head > published -> break  // a batch may end anywhere
    :: head < MESSAGES && !blocked ->
      if
      :: head - tail == SLOTS -> tail = memory[TAIL]
      :: else
      fi;
      if
      :: head - tail == SLOTS ->
        wanted = 1;
        store(WANTED, 1);
#if BROKEN != 2
        fence();
#endif
        tail = memory[TAIL];
        blocked = (head - tail == SLOTS)
      :: else
      fi;
      if
      :: blocked
      :: else ->
        if
        :: wanted -> wanted = 0; store(WANTED, 0)
        :: else
        fi;
        store(SLOT(head), head + 1);
        head++
      fi
    od;
    if
    :: head > published -> published = head; store(HEAD, head); ring()
    :: else
    fi;
    if
    :: blocked -> sleep()
    :: else
    fi
  od
}

proctype server_side() {
  byte me = server;
  byte events, seen, head, tail, released;
  do
  :: passed == MESSAGES -> break
  :: else ->
    seen = memory[EVENTS(peer)];
    head = memory[HEAD];
    do
    :: tail < head -> assert(memory[SLOT(tail)] == tail + 1); tail++
    :: tail == head -> break
    :: tail > released -> break  // slots may come back in parts
    od;
    if
    :: tail > released ->
      released = tail;
      passed = tail;
      store(TAIL, tail);
#if BROKEN != 1
      fence();
#endif
      if
      :: memory[WANTED] -> ring()
      :: else
      fi
    :: else -> sleep()
    fi
  od
}

init {
  atomic { run drain(client); run drain(server); run client_side(); run server_side() }
}

ltl delivered { <> (passed == MESSAGES) }
