package main

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestClaim(t *testing.T) {
	path := filepath.Join(t.TempDir(), "run", "ivs.pid")
	first, err := claim(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, err = claim(t.Context(), path, 0)
	if running := new(runningError); !errors.As(err, &running) || !strings.Contains(err.Error(), "process "+strconv.Itoa(os.Getpid())) {
		t.Errorf("second claim: %v", err)
	}
	if err := first.release(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("release left the file: %v", err)
	}
}

func TestClaimOverAFileThatAKillLeft(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ivs.pid")
	if err := os.WriteFile(path, []byte("1234567890\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := claim(t.Context(), path, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer p.release()
	if text, _ := os.ReadFile(path); string(text) != strconv.Itoa(os.Getpid())+"\n" {
		t.Errorf("the file says %q", text)
	}
}

func TestDefaultDPID(t *testing.T) {
	mac := net.HardwareAddr{0x02, 0x11, 0x22, 0x33, 0x44, 0x55}
	// CRC-32 of "123456789" is 0xcbf43926, the algorithm's check value.
	if got := defaultDPID("123456789", mac); got != 0x3926_021122334455 {
		t.Errorf("datapath id %#x", got)
	}
	if defaultDPID("s1", mac) == defaultDPID("s2", mac) {
		t.Error("two names have one id")
	}
	if got := defaultDPID("ivs", nil); got == 0 || got<<16 != 0 {
		t.Errorf("without an interface: %#x", got)
	}
}

func TestMissingCapabilities(t *testing.T) {
	const admin, raw = uint64(1) << unix.CAP_NET_ADMIN, uint64(1) << unix.CAP_NET_RAW
	if err := missingCapabilities(admin | raw); err != nil {
		t.Error(err)
	}
	for _, tt := range []struct {
		has  uint64
		word string
	}{{0, "CAP_NET_ADMIN, CAP_NET_RAW"}, {admin, ": CAP_NET_RAW"}, {raw, ": CAP_NET_ADMIN;"}} {
		if err := missingCapabilities(tt.has); err == nil || !strings.Contains(err.Error(), tt.word) {
			t.Errorf("with %#x: %v", tt.has, err)
		}
	}
}
