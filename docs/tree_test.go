package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestLinks wants what the documents link to in the tree.
func TestLinks(t *testing.T) {
	link, checked := regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`), 0
	names, err := filepath.Glob("*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(names, "../README.md") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			if _, err := os.Stat(filepath.Join(filepath.Dir(name), m[1])); err != nil {
				t.Errorf("%s: %v", name, err)
			}
			checked++
		}
	}
	if checked < 10 {
		t.Errorf("only %d links: are they read?", checked)
	}
}

// TestRooms wants each directory that the table of rooms names in the tree, and
// each directory with Go source in the table, if only by one that it lies in.
func TestRooms(t *testing.T) {
	rooms := map[string]bool{}
	for _, r := range readRows(t, "architecture.md") {
		for _, room := range namedTests(r.cell("room")) {
			rooms[filepath.Clean(room)] = true
			if _, err := os.Stat(filepath.Join("..", room)); err != nil {
				t.Errorf("line %d: %v", r.line, err)
			}
		}
	}
	for dir := range sourceDirectories(t) {
		if !rooms[dir] && !rooms[filepath.Dir(dir)] {
			t.Errorf("the table does not name %s", dir)
		}
	}
}

// sourceDirectories are those with Go files that are no tests' data.
func sourceDirectories(t *testing.T) map[string]bool {
	t.Helper()
	dirs := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git") {
			return fs.SkipDir
		}
		if filepath.Ext(path) == ".go" {
			dir, err := filepath.Rel("..", filepath.Dir(path))
			if err != nil {
				return err
			}
			dirs[dir] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return dirs
}
