// Package docs has the tests that hold the documents to the tree.
package docs

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ivs-go/ivs/openflow/ofp13"
)

// row is a row of a table of conformance.md.
type row struct {
	line    int
	section string // the heading above the table
	header  []string
	cells   []string
}

// cell is the cell of a column, or "" if the table has none such.
func (r *row) cell(column string) string {
	for i, name := range r.header {
		if name == column && i < len(r.cells) {
			return r.cells[i]
		}
	}
	return ""
}

func (r *row) has(column string) bool {
	for _, name := range r.header {
		if name == column {
			return true
		}
	}
	return false
}

// readRows reads all tables of a document.
func readRows(t *testing.T, name string) []row {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	var header []string
	var section string
	for i, line := range strings.Split(string(text), "\n") {
		if !strings.HasPrefix(line, "|") {
			header = nil
			if strings.HasPrefix(line, "#") {
				section = strings.TrimLeft(line, "# ")
			}
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), "|")
		for j := range cells {
			cells[j] = strings.TrimSpace(cells[j])
		}
		switch {
		case header == nil:
			header = cells
		case strings.Trim(line, "|-: ") != "":
			rows = append(rows, row{i + 1, section, header, cells})
		}
	}
	return rows
}

// TestEveryRowHasItsTest wants, in each table with a column "Test", at least
// one test in each row, and each named test in the tree.
func TestEveryRowHasItsTest(t *testing.T) {
	rows, tests, checked := readRows(t, "conformance.md"), tree{}, 0
	for _, r := range rows {
		if !r.has("Test") {
			continue
		}
		if len(r.cells) != len(r.header) {
			t.Errorf("line %d: %d cells under %d columns", r.line, len(r.cells), len(r.header))
		}
		named := namedTests(r.cell("Test"))
		if len(named) == 0 {
			t.Errorf("line %d: no test in %q", r.line, r.cell("Test"))
		}
		for _, name := range named {
			if err := tests.find(name); err != nil {
				t.Errorf("line %d: %v", r.line, err)
			}
			checked++
		}
	}
	if checked < 200 {
		t.Errorf("the tables name only %d tests: are they read?", checked)
	}
}

// namedTests are the parts of a cell in backquotes.
func namedTests(cell string) (names []string) {
	for i, part := range strings.Split(cell, "`") {
		if i%2 == 1 {
			names = append(names, part)
		}
	}
	return names
}

// tree holds the test functions of directories that were read: by directory and
// function, the strings of the file that has it.
type tree map[string]map[string]map[string]bool

// find looks for a test named "DIRECTORY: FUNCTION" or "DIRECTORY:
// FUNCTION/CASE". A case is a string in the function's file, or in a test file
// of the directory that has cases only.
func (tests tree) find(name string) error {
	dir, test, ok := strings.Cut(name, ": ")
	if !ok {
		return fmt.Errorf("%q is not of the form \"directory: test\"", name)
	}
	if tests[dir] == nil {
		if err := tests.read(dir); err != nil {
			return err
		}
	}
	function, subtest, _ := strings.Cut(test, "/")
	words := tests[dir][function]
	if words == nil {
		return fmt.Errorf("%s has no test %s", dir, function)
	}
	if subtest != "" && !words[subtest] {
		return fmt.Errorf("%s: %s has no case %q", dir, function, subtest)
	}
	return nil
}

// read takes in the test files of a directory below the module's root.
func (tests tree) read(dir string) error {
	files, err := filepath.Glob(filepath.Join("..", dir, "*_test.go"))
	if err != nil {
		return err
	}
	tests[dir] = map[string]map[string]bool{}
	cases := map[string]bool{}
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		functions, words := testFunctions(file), stringsOf(file)
		if len(functions) == 0 {
			maps.Copy(cases, words)
		}
		for _, f := range functions {
			tests[dir][f] = words
		}
	}
	for _, words := range tests[dir] {
		maps.Copy(words, cases)
	}
	return nil
}

// testFunctions are the names of a file's tests and fuzz targets.
func testFunctions(file *ast.File) (names []string) {
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if ok && f.Recv == nil && (strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")) {
			names = append(names, f.Name.Name)
		}
	}
	return names
}

// stringsOf are the values of a file's string literals.
func stringsOf(file *ast.File) map[string]bool {
	words := map[string]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if word, err := strconv.Unquote(lit.Value); err == nil {
				words[word] = true
			}
		}
		return true
	})
	return words
}

// TestRowsAreComplete wants every cell filled, and a section of the
// specification's in each row of a table with a column "§".
func TestRowsAreComplete(t *testing.T) {
	section := regexp.MustCompile(`^[4-7A-B](\.\d+)*$`)
	for _, r := range readRows(t, "conformance.md") {
		for i, cell := range r.cells {
			if cell == "" {
				t.Errorf("line %d: column %d is empty", r.line, i+1)
			}
		}
		if r.has("§") && !section.MatchString(r.cell("§")) {
			t.Errorf("line %d: no section: %q", r.line, r.cell("§"))
		}
		if need := r.cell("Need"); r.has("Need") && need != "required" && need != "optional" {
			t.Errorf("line %d: neither required nor optional: %q", r.line, need)
		}
	}
}

// TestEveryErrorCodeIsListed wants each error code of the codec in exactly one
// row.
func TestEveryErrorCodeIsListed(t *testing.T) {
	source, err := os.ReadFile("../openflow/ofp13/error_codes.go")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]int{}
	for _, r := range readRows(t, "conformance.md") {
		if r.has("Code") {
			listed[strings.Trim(r.cell("Code"), "`")]++
		}
	}
	codes := regexp.MustCompile(`// (OFP\w+)\n`).FindAllStringSubmatch(string(source), -1)
	if len(codes) < 80 {
		t.Fatalf("only %d codes found in error_codes.go", len(codes))
	}
	for _, m := range codes {
		if strings.HasPrefix(m[1], "OFPET_") {
			continue
		}
		if n := listed[m[1]]; n != 1 {
			t.Errorf("%s is in %d rows", m[1], n)
		}
		delete(listed, m[1])
	}
	for code := range listed {
		t.Errorf("%s is no code of error_codes.go", code)
	}
}

// TestFieldsAreAsListed wants each field of OXM in its row, with the bits, the
// mask and the set-field that the codec knows.
func TestFieldsAreAsListed(t *testing.T) {
	word := map[bool]string{true: "yes", false: "no"}
	next := uint8(0)
	for _, r := range readRows(t, "conformance.md") {
		if !r.has("Field") {
			continue
		}
		f, ok := ofp13.FieldInfo(next)
		want := []string{f.Name, strconv.Itoa(int(f.Bits)), word[f.Maskable], word[f.Settable]}
		if got := r.cells[:4]; !ok || !slices.Equal(got, want) {
			t.Errorf("line %d: field %d is %q, not %q", r.line, next, want, got)
		}
		next++
	}
	if next != ofp13.OXMIPv6ExtHdr+1 {
		t.Errorf("%d fields", next)
	}
}
