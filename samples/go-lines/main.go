// Command lines sorts the lines of the text that is posted; with ?unique each stands once.
//
// It does without fmt, which would make it larger by a fifth.
package main

import (
	"bufio"
	"io"
	"os"
	"sort"
	"strings"
)

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	text, err := io.ReadAll(os.Stdin)
	if err != nil {
		out.WriteString("Status: 400 Bad Request\r\nContent-Type: text/plain\r\n\r\n" + err.Error() + "\n")
		return
	}

	lines := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	sort.Strings(lines)
	out.WriteString("Content-Type: text/plain; charset=utf-8\r\n\r\n")
	for i, line := range lines {
		if i > 0 && line == lines[i-1] && os.Getenv("QUERY_STRING") == "unique" {
			continue
		}
		out.WriteString(line + "\n")
	}
}
