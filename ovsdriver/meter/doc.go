// Package meter measures traffic and says what is to become of it: the meters
// of OpenFlow 1.3.5 §5.7, as token buckets. It knows no packets, only how many
// there are and how long, and no clock, only the times that it is told
// (CLOCK_MONOTONIC in nanoseconds). Main makes a Meter; upcall workers and those
// of the embedded datapath ask it, each of them behind its lock.
//
// Each band has a bucket. It begins full, with Burst units; Rate units flow in
// per second; a frame takes out what it costs, if that is there. If not, the
// frame exceeds the band. So within T seconds of enough traffic a band lets pass
// Rate*T + Burst units.
//
// Two things make that true of real traffic. A frame that is due a moment before
// it comes must not cost the bucket the moment: so a bucket that is full may
// hold one frame more. And a switch that has other things to do sees frames
// later than they come, many at once: so within Patience of a frame that
// exceeded the band, what flows in is not lost, though the bucket be full. There
// are more where that one came from.
//
// Of several bands, the one with the highest rate that the frame exceeds
// applies. As in RFC 2698, the bands of higher rates have then been charged, and
// those of lower rates are not: of traffic beyond all rates, each band gets what
// lies between its own rate and the next.
package meter
