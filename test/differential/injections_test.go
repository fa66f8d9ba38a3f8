package differential

import "fmt"

// injection is a frame and the port that it comes in by; or, if it names ports to
// send it to, a packet-out.
type injection struct {
	port  int
	frame []byte
	out   []uint32
}

func (f *injection) String() string {
	if f.out == nil {
		return fmt.Sprintf("into port %d: %s", f.port, describe(f.frame))
	}
	text := fmt.Sprintf("packet-out from port %d to", f.port)
	for _, no := range f.out {
		text += fmt.Sprintf(" %#x", no)
	}
	return text + ": " + describe(f.frame)
}

// injections makes a step's frames. Many differ little from one before: what a
// cached flow has learnt from one must not be wrong for another.
func (g *generator) injections(n, maxTags int) []injection {
	var all []injection
	for len(all) < n {
		f := injection{port: 1 + g.IntN(ports), frame: g.anyFrame(maxTags)}
		if len(all) > 0 && g.IntN(3) > 0 {
			f = all[g.IntN(len(all))]
			f.frame, f.out = g.variation(f.frame), nil
		}
		if g.outs && g.IntN(5) == 0 {
			f.out = g.packetOut()
		}
		if g.plain(f.frame) {
			all = append(all, f)
		}
	}
	return all
}

// Reserved ports that a packet-out may name (section 7.2.1).
const (
	portInPort = 0xfffffff8
	portTable  = 0xfffffff9
	portFlood  = 0xfffffffb
	portAll    = 0xfffffffc
)

// packetOut draws the ports that a packet-out names, the tables last: what they
// do to the packet stays with it in Open vSwitch.
func (g *generator) packetOut() (out []uint32) {
	for range g.IntN(3) {
		out = append(out, []uint32{portInPort, portFlood, portAll, 1, 2}[g.IntN(5)])
	}
	if len(out) == 0 || g.IntN(2) == 0 {
		out = append(out, portTable)
	}
	return out
}
