/** A ping that needs no package. */

/** Three echo requests of 1000 bytes from a raw socket, for machines without ping. */
export const pingProgram = `
  use Socket;
  sub checksum { my $sum = 0; $sum += $_ for unpack("n*", $_[0]); $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16; ~$sum & 0xffff }
  socket(my $icmp, PF_INET, SOCK_RAW, 1) or die "socket: $!";
  setsockopt($icmp, SOL_SOCKET, SO_RCVTIMEO, pack("qq", 2, 0)) or die "timeout: $!";
  my $received = 0;
  for my $number (1 .. 3) {
    my $data = chr($number) x 1000;
    my $echo = pack("CCnnn", 8, 0, 0, $$ & 0xffff, $number) . $data;
    substr($echo, 2, 2) = pack("n", checksum($echo));
    send($icmp, $echo, 0, sockaddr_in(0, inet_aton($ARGV[0]))) or die "send: $!";
    # The echoes of others come here too, so nothing may come of its own time-out.
    my $end = time() + 3;
    while (time() < $end && recv($icmp, my $packet, 2000, 0)) {
      my $reply = substr($packet, 20);
      my ($type, $code, $sum, $id, $sequence) = unpack("CCnnn", $reply);
      next unless $type == 0 && $id == ($$ & 0xffff) && $sequence == $number;
      ++$received if checksum($reply) == 0 && substr($reply, 8) eq $data;
      last;
    }
  }
  print "3 packets transmitted, $received received, ", int(100 - $received * 100 / 3), "% packet loss\n";`;
