package main

import (
	"io"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/pflag"

	"github.com/ivs-go/ivs/internal/control"
	"github.com/ivs-go/ivs/openflow"
	"github.com/ivs-go/ivs/ovsdriver"
)

// longFlag finds the names of flags in a text.
var longFlag = regexp.MustCompile(`--([a-z][a-z-]*[a-z])`)

// read returns a file of the package, with roff's hyphens as they are printed,
// and in one font.
func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\-`, "-", `\fB`, "", `\fI`, "", `\fR`, "").Replace(string(text))
}

func flags() *pflag.FlagSet {
	f := pflag.NewFlagSet("ivs", pflag.ContinueOnError)
	declare(f, new(options), new(given))
	return f
}

// The manual page tells of every flag, and of none that is not there.
func TestManualTellsTheFlags(t *testing.T) {
	page, known := read(t, "../debian/ivs.8"), flags()
	told := map[string]bool{}
	for _, m := range longFlag.FindAllStringSubmatch(page, -1) {
		told[m[1]] = true
		if known.Lookup(m[1]) == nil {
			t.Errorf("the manual page tells of --%s, which is no flag", m[1])
		}
	}
	known.VisitAll(func(f *pflag.Flag) {
		switch metavariable, _ := pflag.UnquoteUsage(f); {
		case !told[f.Name]:
			t.Errorf("the manual page lacks --%s", f.Name)
		case !f.Hidden && f.Shorthand != "" && !strings.Contains(page, "-"+f.Shorthand+` ", " --`+f.Name):
			t.Errorf("the manual page lacks -%s for --%s", f.Shorthand, f.Name)
		case !f.Hidden && metavariable != "" && !strings.Contains(page, metavariable):
			t.Errorf("the manual page has no %s, which --help says for --%s", metavariable, f.Name)
		}
	})
	for what, n := range map[string]int{
		"--buffers": ovsdriver.MaxBuffers, "--aux-connections": openflow.MaxAuxiliaries, "--controller": openflow.MaxControllers, "--interface": ovsdriver.MaxPorts,
		"INDIGO_THREADS": ovsdriver.MaxWorkers,
	} {
		_, entry, _ := strings.Cut(page, what)
		if entry, _, _ = strings.Cut(entry, ".TP"); !strings.Contains(entry, strconv.Itoa(n)) {
			t.Errorf("what the manual page says of %s lacks its limit, %d", what, n)
		}
	}
}

// It tells of every variable that the program asks for.
func TestManualTellsTheEnvironment(t *testing.T) {
	page, defaults := read(t, "../debian/ivs.8"), read(t, "../debian/ivs.default")
	asked := map[string]bool{}
	if _, err := readEnvironment(func(name string) (string, bool) { asked[name] = true; return "", false }); err != nil {
		t.Fatal(err)
	}
	if len(asked) < 4 {
		t.Errorf("only %v are asked for", asked)
	}
	for name := range asked {
		if !strings.Contains(page, ".B "+name) || !strings.Contains(defaults, "#"+name+"=") {
			t.Errorf("ivs.8 or ivs.default lacks %s", name)
		}
	}
	for _, name := range []string{control.RunDirVariable, "NOTIFY_SOCKET"} {
		if !strings.Contains(page, ".B "+name) {
			t.Errorf("the manual page lacks %s", name)
		}
	}
}

// The command lines of /etc/default/ivs, those in its comments too, are right.
func TestDefaultsAreRight(t *testing.T) {
	lines := regexp.MustCompile(`DAEMON_ARGS="(.*)"`).FindAllStringSubmatch(read(t, "../debian/ivs.default"), -1)
	if len(lines) < 4 {
		t.Errorf("only %d command lines", len(lines))
	}
	for _, line := range lines {
		if _, err := parseFlags(strings.Fields(line[1]), io.Discard); err != nil {
			t.Errorf("DAEMON_ARGS=%q: %v", line[1], err)
		}
	}
}
