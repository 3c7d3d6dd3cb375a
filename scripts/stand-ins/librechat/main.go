// Stand-ins for the programs of LibreChat's images, with the real protocols between them: MongoDB's with SCRAM, PostgreSQL's
// with pgvector, and HTTP with the same paths for health. One program; the name it is called by says which.
//
// Built within FerretDB's source by scripts/lib/databases.sh: its module has the drivers.
package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	programs := map[string]func([]string) error{
		"librechat":    chat,
		"rag":          rag,
		"meilisearch":  search,
		"mongosh":      shell,
		"mongodump":    dump,
		"mongorestore": restore,
	}
	name := filepath.Base(os.Args[0])
	run, known := programs[name]
	if !known {
		log.Fatalf("there is no stand-in for %q", name)
	}
	if err := run(os.Args[1:]); err != nil {
		log.Fatalf("%s: %v", name, err)
	}
}

func serve(port string, routes map[string]http.HandlerFunc) error {
	mux := http.NewServeMux()
	for pattern, handler := range routes {
		mux.HandleFunc(pattern, handler)
	}
	return http.ListenAndServe("0.0.0.0:"+port, mux)
}

// Every variable that the image needs, or the name of one that is missing.
func required(names ...string) (map[string]string, error) {
	values := map[string]string{}
	for _, name := range names {
		values[name] = os.Getenv(name)
		if values[name] == "" {
			return nil, fmt.Errorf("%s is not set", name)
		}
	}
	return values, nil
}

func refuse(answer http.ResponseWriter, status int, err error) {
	http.Error(answer, err.Error(), status)
}
