// scripts/model wakeup   (by hand: spin -a wakeup.pml && cc -O2 -DSAFETY -DNOCLAIM -o pan pan.c && ./pan -m200000)
// check: safety  cc: -DNOCLAIM  run: -m200000
// check: safety  cc: -DNOCLAIM -DCOUNT -DREQUESTS=2  run: -m200000
// check: acceptance  cc: -DREQUESTS=2  run: -m200000 -N served
// check: safety  cc: -DNOCLAIM -DBROKEN=1  expect: error
// check: safety  cc: -DNOCLAIM -DBROKEN=2  expect: error
// check: safety  cc: -DNOCLAIM -DBROKEN=3  expect: error
//
// The bell of docs/wire-format.md, section "Waking without losing a wake-up": a client keeps up to WINDOW requests
// under way and sends them in batches of any size, a server answers each. Both sides are producer and consumer, and
// both sleep when they find nothing. Every side has a FIFO store buffer, as x86 has: a store becomes visible some
// time later, a sequentially consistent store or exchange waits until the buffer is empty.
//
// Verified: no side sleeps for ever while there is work (it would be an invalid end state, and "served" would fail);
// with -DCOUNT, that no doorbell goes to a side that did not announce sleep (once for each announcement at most).
//
// BROKEN=1: the producer's events store is not ordered before its load of asleep.
// BROKEN=2: the sleeper's asleep store is not ordered before its load of events.
// BROKEN=3: the sleeper does not look again.

#ifndef REQUESTS
#define REQUESTS 3
#endif
#define WINDOW 2
#ifndef BROKEN
#define BROKEN 0
#endif

#define client 0
#define server 1
#define peer (1 - me)

// Shared words, those of the client first.
#define EVENTS(side) (side)
#define HEAD(side) (2 + (side))
#define ASLEEP(side) (4 + (side))
byte memory[6];

// A side never loads a word that it has in its own buffer, so buffers need no forwarding.
chan buffer[2] = [3] of { byte, byte };

bit doorbell[2];  // the socket of that side is readable
byte answered;    // replies that the client has seen
#ifdef COUNT
byte rung[2];       // doorbells ever sent to that side
byte announced[2];  // times that side set asleep
#endif

proctype drain(byte me) {
  byte word, value;
end:
  do
  :: atomic { buffer[me] ? word, value -> memory[word] = value; word = 0; value = 0 }
  od
}

inline store(word, value) { buffer[me] ! word, value }
inline fence() { empty(buffer[me]) }

// After publishing a head.
inline ring() {
  events = events + 1;
  store(EVENTS(me), events);
#if BROKEN != 1
  fence();
#endif
  if
  :: memory[ASLEEP(peer)] == 0
  :: memory[ASLEEP(peer)] != 0 ->
    atomic {
      empty(buffer[me]);  // an exchange is a full barrier
      if
      :: memory[ASLEEP(peer)] ->
        memory[ASLEEP(peer)] = 0;
        doorbell[peer] = 1;  // sent a moment later in truth; the sleeper only waits longer
#ifdef COUNT
        rung[peer]++;
        assert(rung[peer] <= announced[peer])
#endif
      :: else
      fi
    }
  fi
}

// Phases 2 and 3; returns to phase 1 either way.
inline sleep() {
#ifdef COUNT
  announced[me]++;
#endif
  store(ASLEEP(me), 1);
#if BROKEN != 2
  fence();
#endif
  if
#if BROKEN != 3
  :: memory[EVENTS(peer)] != seen
#endif
#if BROKEN == 3
  :: true ->
#else
  :: memory[EVENTS(peer)] == seen ->
#endif
    // Something else, such as a timer, may end one wait of each side: the flag is then taken back while set.
    if
    :: atomic { doorbell[me] -> doorbell[me] = 0 }
    :: distraction -> distraction = 0
    fi
  fi;
  store(ASLEEP(me), 0)
}

proctype client_side(bit distraction) {
  byte me = client;
  byte events, seen, sent, published;
  do
  :: answered == REQUESTS -> break
  :: else ->
    seen = memory[EVENTS(peer)];
    answered = memory[HEAD(peer)];
    // A batch of any size that the window allows.
    do
    :: sent < REQUESTS && sent - answered < WINDOW -> sent++
    :: sent == REQUESTS || sent - answered == WINDOW || sent > published -> break
    od;
    if
    :: sent > published -> published = sent; store(HEAD(me), sent); ring()
    :: sent == published && answered < REQUESTS -> sleep()
    :: else
    fi
  od
}

proctype server_side(bit distraction) {
  byte me = server;
  byte events, seen, served, found;
  do
  :: served == REQUESTS -> break
  :: else ->
    seen = memory[EVENTS(peer)];
    found = memory[HEAD(peer)];
    if
    :: found != served ->
      served = found;
      store(HEAD(me), served);
      ring()
    :: else -> sleep()
    fi
  od
}

init {
  bit client_distraction, server_distraction;
  atomic {
    if :: client_distraction = 0 :: client_distraction = 1 fi;
    if :: server_distraction = 0 :: server_distraction = 1 fi;
    run drain(client);
    run drain(server);
    run client_side(client_distraction);
    run server_side(server_distraction)
  }
}

ltl served { <> (answered == REQUESTS) }
