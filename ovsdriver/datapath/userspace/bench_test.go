package userspace

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unsafe"

	"github.com/ivs-go/ivs/ovsdriver/datapath"
	"golang.org/x/sys/unix"
)

// The benchmarks measure one thing that forwards between hosts 1 and 2: the
// datapath, or the do-nothing forwarder, which is the limit. A run takes a
// fixed time; read the metrics, not ns/op.

// nothing starts test/bench/afforward.
func (l *lab) nothing() {
	l.t.Helper()
	program := filepath.Join(l.t.TempDir(), "afforward")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", program, "../../../test/bench/afforward").CombinedOutput(); err != nil {
		l.t.Fatalf("build afforward: %v: %s", err, out)
	}
	l.start(l.sw, program, "p1", "p2")
	time.Sleep(200 * time.Millisecond)
}

// both runs a measurement on the datapath and on the do-nothing forwarder.
func both(b *testing.B, measure func(*testing.B, *lab)) {
	b.Run("datapath", func(b *testing.B) {
		l := newLab(b, 2)
		d := l.open(2, 2, nil)
		l.connect(d, 1, 2)
		measure(b, l)
	})
	b.Run("nothing", func(b *testing.B) {
		l := newLab(b, 2)
		l.nothing()
		measure(b, l)
	})
}

// flood sends size-byte frames as fast as it can until told to stop.
func (w *wire) flood(frame []byte, stop *atomic.Bool) {
	b := make([]byte, vnetHeader, vnetHeader+len(frame))
	b = append(b, frame...)
	vector := unix.Iovec{Base: &b[0]}
	vector.SetLen(len(b))
	var headers [64]unix.Mmsghdr
	for i := range headers {
		headers[i].Hdr.Iov = &vector
		headers[i].Hdr.SetIovlen(1)
	}
	for !stop.Load() {
		_, _, _ = unix.Syscall6(unix.SYS_SENDMMSG, uintptr(w.fd), uintptr(unsafe.Pointer(&headers[0])), uintptr(len(headers)), 0, 0, 0)
	}
}

// received reads a host's count of frames.
func (l *lab) received(no int) int {
	out := l.run("ip", "netns", "exec", l.hosts[no-1], "cat", "/sys/class/net/eth0/statistics/rx_packets")
	n, err := strconv.Atoi(strings.TrimSpace(out))
	if err != nil {
		l.t.Fatal(err)
	}
	return n
}

// BenchmarkRate floods 64-byte frames from host 1 and counts them at host 2.
func BenchmarkRate(b *testing.B) {
	both(b, func(b *testing.B, l *lab) {
		w := l.wire(1)
		frame := udp(1, nobody, 64, 7)
		for b.Loop() {
			var stop atomic.Bool
			done := make(chan struct{})
			go func() { defer close(done); w.flood(frame, &stop) }()
			time.Sleep(200 * time.Millisecond)
			before, start := l.received(2), time.Now()
			time.Sleep(2 * time.Second)
			n, took := l.received(2)-before, time.Since(start)
			stop.Store(true)
			<-done
			b.ReportMetric(float64(n)/took.Seconds(), "frames/s")
		}
	})
}

// BenchmarkLatency sends single frames from host 1, one after another, and
// takes the time until host 2 has each: the kernel's sending and receiving
// included.
func BenchmarkLatency(b *testing.B) {
	both(b, func(b *testing.B, l *lab) {
		from, to := l.wire(1), l.wire(2)
		for b.Loop() {
			p50, p99 := probe(b, from, to)
			b.ReportMetric(p50, "us-p50")
			b.ReportMetric(p99, "us-p99")
		}
	})
}

// probeEnv makes the test binary a latency probe on descriptors 3 and 4, so
// that the probe's goroutines don't compete with the workers for Go's
// scheduler.
const probeEnv = "IVS_LATENCY_PROBE"

// probe returns the median and the 99th percentile in microseconds.
func probe(b *testing.B, from, to *wire) (p50, p99 float64) {
	b.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), probeEnv+"=1")
	for _, w := range []*wire{from, to} {
		fd, err := unix.Dup(w.fd)
		if err != nil {
			b.Fatal(err)
		}
		f := os.NewFile(uintptr(fd), "wire")
		defer f.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, f)
	}
	out, err := cmd.Output()
	if err == nil {
		_, err = fmt.Sscan(string(out), &p50, &p99)
	}
	if err != nil {
		b.Fatalf("probe: %v: %s", err, out)
	}
	return p50, p99
}

func runProbe(from, to int) {
	frame := append(make([]byte, vnetHeader), udp(1, nobody, 64, 7)...)
	var b [2048]byte
	took := make([]time.Duration, 0, 10000)
	for len(took) < cap(took) {
		start := time.Now()
		if _, err := unix.Write(from, frame); err != nil {
			panic(err)
		}
		for {
			_, _, err := unix.Recvfrom(to, b[:], unix.MSG_DONTWAIT)
			if err == nil {
				break
			} else if err != unix.EINTR && err != unix.EAGAIN {
				panic(err)
			}
		}
		took = append(took, time.Since(start))
	}
	slices.Sort(took)
	fmt.Println(float64(took[len(took)/2])/1000, float64(took[len(took)*99/100])/1000)
}

// BenchmarkTCP sends one TCP stream with iperf3, all offloads on.
func BenchmarkTCP(b *testing.B) {
	if _, err := exec.LookPath("iperf3"); err != nil {
		b.Skip("iperf3 is not installed")
	}
	both(b, func(b *testing.B, l *lab) {
		l.start(l.hosts[1], "iperf3", "-s")
		time.Sleep(300 * time.Millisecond)
		for b.Loop() {
			out := l.run("ip", "netns", "exec", l.hosts[0], "iperf3", "-c", "10.0.0.2", "-t", "3", "-f", "m")
			var mbit float64
			for line := range strings.Lines(out) {
				if strings.Contains(line, "receiver") {
					fields := strings.Fields(line)
					_, _ = fmt.Sscan(fields[len(fields)-3], &mbit)
				}
			}
			b.ReportMetric(mbit/1000, "Gbit/s")
		}
	})
}

var _ datapath.Receiver = (*worker)(nil)
