// Prove checks that an entry is in a log with the log's public key, its proof and nothing of ours:
// note and tlog of golang.org/x/mod do the work.
package main

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: prove VKEY-FILE PROOF ENTRY")
		os.Exit(2)
	}
	index, err := prove(os.Args[1], os.Args[2], os.Args[3])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("proven: entry", index)
}

func prove(keyFile, proofFile, entryFile string) (int64, error) {
	key, err := os.ReadFile(keyFile)
	if err != nil {
		return 0, err
	}
	proof, err := os.ReadFile(proofFile)
	if err != nil {
		return 0, err
	}
	entry, err := os.ReadFile(entryFile)
	if err != nil {
		return 0, err
	}
	head, checkpoint, found := bytes.Cut(proof, []byte("\n\n"))
	if !found {
		return 0, fmt.Errorf("the proof has no checkpoint")
	}
	index, hashes, err := parse(string(head))
	if err != nil {
		return 0, err
	}
	tree, err := open(checkpoint, strings.TrimSpace(string(key)))
	if err != nil {
		return 0, err
	}
	return index, tlog.CheckRecord(hashes, tree.N, tree.Hash, index, tlog.RecordHash(entry))
}

func parse(head string) (int64, tlog.RecordProof, error) {
	lines := strings.Split(head, "\n")
	if len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return 0, nil, fmt.Errorf("no tlog-proof")
	}
	number, found := strings.CutPrefix(lines[1], "index ")
	if !found {
		return 0, nil, fmt.Errorf("no index")
	}
	index, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return 0, nil, err
	}
	var hashes tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return 0, nil, err
		}
		hashes = append(hashes, hash)
	}
	return index, hashes, nil
}

// open verifies the checkpoint's signature and reads origin, size and root.
func open(checkpoint []byte, key string) (tlog.Tree, error) {
	var tree tlog.Tree
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tree, err
	}
	signed, err := note.Open(checkpoint, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(signed.Text, "\n")
	if len(lines) < 3 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("the checkpoint is not that of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}
