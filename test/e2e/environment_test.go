package e2e

import "testing"

// Environment variables of the original: without cached flows, with exact ones,
// and without limits everything is forwarded just the same.
func TestEnvironment(t *testing.T) {
	t.Parallel()
	const kinds = 8
	tests := []struct {
		variable string
		flows    uint64 // cached after kinds frames of one OpenFlow flow
	}{
		{"IVS_DISABLE_KFLOWS=1", 0},
		{"IVS_DISABLE_MEGAFLOWS=1", kinds},
		{"INDIGO_THREADS=1", 1},
	}
	for _, tt := range tests {
		t.Run(tt.variable, func(t *testing.T) {
			l := newLab(t, 2)
			l.env = []string{tt.variable}
			d := l.start(t)
			d.setFlows(t, "in_port=1,actions=output:2")
			w := l.wires(t)
			var frames [][]byte
			for i := range uint16(kinds) {
				frames = append(frames, udpFrame(i, 1, nil))
			}
			exchange(t, w[0], w[1], repeats, frames...)
			await(t, "cached flows", func() bool {
				exchange(t, w[0], w[1], 1, frames...)
				return d.stat(t).Flows == tt.flows
			})
			if s := d.stat(t); tt.flows == 0 && s.Hit != 0 {
				t.Errorf("without cached flows %d frames hit one", s.Hit)
			}
		})
	}
}

// INDIGO_BENCHMARK=1 lifts the limit of packet-ins.
func TestBenchmarkEnvironment(t *testing.T) {
	l := newLab(t, 1)
	l.env = []string{"INDIGO_BENCHMARK=1"}
	d := l.start(t)
	d.setFlows(t, "priority=0,actions=controller:65535")
	w := l.wires(t)
	c := d.connect(t)
	const n = 500 // the limit lets through some 200 a second, after 32
	for i := range uint16(n) {
		w[0].send(t, udpFrame(i, 1, nil))
		expect(t, c.packetIns, "packet-in")
	}
}
