package userspace

import "testing"

// TestRingSize holds the rings of a big switch to less memory, and every ring to
// the whole blocks that the kernel wants.
func TestRingSize(t *testing.T) {
	for _, c := range []struct{ ports, want int }{
		{0, ringFrames}, {7, ringFrames}, {8, ringFramesLess}, {31, ringFramesLess}, {32, ringFramesFew}, {maxPorts - 1, ringFramesFew},
	} {
		got := ringSize(c.ports)
		if got != c.want {
			t.Errorf("with %d ports: %d frames, want %d", c.ports, got, c.want)
		}
		if got*ringFrame%ringBlock != 0 {
			t.Errorf("%d frames fill no whole blocks", got)
		}
	}
}
