// One end of a session in C++, for tests that put another implementation on the other end.
//
//   ring-peer [--client] [--slots N] [--count N] [--batch N] ROLE...
//
// Descriptors: 3 the channel's socket, 4 its memory, 5 the stream's dataspace (sink, source).
//
// Role echo: answers each call with its own payload and capabilities; ignores oneway and cancel.
//
// Role caller: makes N calls, each 16th with two capabilities, checks the echoes, and ends.
//
// Role sink: acknowledges each packet with the checksum of its payload, 0xffffffff if the payload
// does not lie within the bulk area.
//
// Role source: submits N packets in batches, checks the acknowledgements, and ends.
//
// A packet descriptor is 16 bytes: offset, length, sequence, checksum (FNV-1a, 32 bits).
//
// At the end one JSON line of counts. Exit codes: 0 all is done, or the peer closed; 1 wrong data;
// 2 usage; 3 the peer broke the protocol.
#include "ring-peer.h"

int main(int argc, char** argv) { bulkhead::ring_peer::run(argc, argv); }
