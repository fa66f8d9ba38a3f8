package control

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestRunDirByNetworkNamespace(t *testing.T) {
	dir := t.TempDir()
	link := func(name, target string) string {
		path := filepath.Join(dir, name)
		if err := os.Symlink(target, path); err != nil {
			t.Fatal(err)
		}
		return path
	}
	first, same, other := link("1", "net:[4026531840]"), link("2", "net:[4026531840]"), link("3", "net:[4026532217]")
	initial := link("4", "net:[4026531833]")
	for _, tt := range []struct {
		self, first string
		want        RunDir
	}{
		{same, first, "/run/ivs"},
		{other, first, "/run/ivs/netns-4026532217"},
		{other, filepath.Join(dir, "hidden"), "/run/ivs/netns-4026532217"},
		{initial, filepath.Join(dir, "hidden"), "/run/ivs"},
		{filepath.Join(dir, "hidden"), first, "/run/ivs"},
	} {
		if got := runDirFor(tt.self, tt.first); got != tt.want {
			t.Errorf("runDirFor(%s, %s) = %s, want %s", tt.self, tt.first, got, tt.want)
		}
	}
}

func TestRunDirNames(t *testing.T) {
	dir := RunDir(t.TempDir())
	for _, path := range []string{dir.Socket("s2"), dir.Socket("s1"), dir.OpenFlowSocket("s1"), dir.PIDFile("s1")} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if names, err := dir.Names(); err != nil || !slices.Equal(names, []string{"s1", "s2"}) {
		t.Errorf("Names() = %v, %v", names, err)
	}
	if names, err := RunDir("/nonexistent/ivs").Names(); err != nil || len(names) != 0 {
		t.Errorf("Names() of no directory = %v, %v", names, err)
	}
	t.Setenv(RunDirVariable, string(dir))
	if DefaultRunDir() != dir {
		t.Errorf("%s is not heeded", RunDirVariable)
	}
}

func TestTidy(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name, file string
		left       bool
	}{
		{"netns-1", "", false},
		{"netns-2", "s1.sock", true}, // of another switch
		{"ivs", "", true},
	} {
		run := RunDir(filepath.Join(dir, tt.name))
		if err := os.Mkdir(string(run), 0o755); err != nil {
			t.Fatal(err)
		}
		if tt.file != "" {
			if err := os.WriteFile(filepath.Join(string(run), tt.file), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		run.Tidy()
		if _, err := os.Stat(string(run)); (err == nil) != tt.left {
			t.Errorf("%s with %q: left %t", tt.name, tt.file, err == nil)
		}
	}
}

func TestCheck(t *testing.T) {
	fits := RunDir("/" + strings.Repeat("x", 107-len("//ivs.openflow.sock")))
	if err := fits.Check("ivs"); err != nil {
		t.Error(err)
	}
	if err := RunDir("/run/ivs").Check("s1.openflow"); err == nil || !strings.Contains(err.Error(), "OpenFlow socket of a switch s1") {
		t.Errorf("a name of two sockets: %v", err)
	}
	if err := (fits + "x").Check("ivs"); err == nil || !strings.Contains(err.Error(), "has 108 bytes, and can have 107") {
		t.Errorf("a path of 108 bytes: %v", err)
	}
}
