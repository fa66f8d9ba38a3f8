package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/ivs-go/ivs/internal/control"
)

// The manual page tells of every command and flag, and of no flag that is not
// there.
func TestManual(t *testing.T) {
	text, err := os.ReadFile("../debian/ivs-ctl.8")
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(text), `\-`, "-")
	root := newCommand(control.RunDir(t.TempDir()), noKernel{})
	root.InitDefaultHelpFlag()
	known := map[string]bool{}
	note := func(f *pflag.Flag) {
		known[f.Name] = true
		if !strings.Contains(page, "--"+f.Name) {
			t.Errorf("the manual page lacks --%s", f.Name)
		}
	}
	root.PersistentFlags().VisitAll(note)
	for _, cmd := range append([]*cobra.Command{root}, root.Commands()...) {
		cmd.Flags().VisitAll(note)
		for _, name := range append([]string{cmd.Name()}, cmd.Aliases...) {
			if word := regexp.MustCompile(`(?m)^(\.BR?|.*\\fB) ?(.*, )?` + name + `\b|", " ` + name + `\b`); cmd != root && !word.MatchString(page) {
				t.Errorf("the manual page lacks %s", name)
			}
		}
	}
	for _, m := range regexp.MustCompile(`--([a-z]+)`).FindAllStringSubmatch(page, -1) {
		if !known[m[1]] {
			t.Errorf("the manual page tells of --%s, which is no flag", m[1])
		}
	}
}
