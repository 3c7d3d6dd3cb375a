package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"

	"github.com/jackc/pgx/v5/pgxpool"
)

// The RAG API: embeddings in pgvector. As the real one, /health asks the database.
func rag([]string) error {
	env, err := required("DB_HOST", "DB_PORT", "POSTGRES_DB", "POSTGRES_USER", "POSTGRES_PASSWORD", "RAG_PORT", "JWT_SECRET",
		"RAG_OPENAI_API_KEY")
	if err != nil {
		return err
	}
	address := url.URL{
		Scheme: "postgres",
		User:   url.UserPassword(env["POSTGRES_USER"], env["POSTGRES_PASSWORD"]),
		Host:   env["DB_HOST"] + ":" + env["DB_PORT"],
		Path:   env["POSTGRES_DB"],
	}
	pool, err := pgxpool.New(context.Background(), address.String())
	if err != nil {
		return err
	}
	_, err = pool.Exec(context.Background(), `CREATE EXTENSION IF NOT EXISTS vector;
CREATE TABLE IF NOT EXISTS embeddings (id serial PRIMARY KEY, text text, embedding vector(3))`)
	if err != nil {
		return err
	}
	return serve(env["RAG_PORT"], map[string]http.HandlerFunc{
		"GET /health": func(answer http.ResponseWriter, request *http.Request) {
			if err := pool.Ping(request.Context()); err != nil {
				refuse(answer, http.StatusServiceUnavailable, err)
				return
			}
			fmt.Fprint(answer, `{"status":"UP"}`)
		},
		"POST /embed": func(answer http.ResponseWriter, request *http.Request) {
			text, _ := io.ReadAll(request.Body)
			_, err := pool.Exec(request.Context(),
				"INSERT INTO embeddings (text, embedding) VALUES ($1, $2::text::vector)", string(text), fmt.Sprintf("[%d,0,1]", len(text)))
			if err != nil {
				refuse(answer, http.StatusInternalServerError, err)
			}
		},
		"GET /nearest": func(answer http.ResponseWriter, request *http.Request) {
			rows, err := pool.Query(request.Context(), "SELECT text FROM embeddings ORDER BY embedding <-> '[0,0,1]', id")
			if err != nil {
				refuse(answer, http.StatusInternalServerError, err)
				return
			}
			defer rows.Close()
			for rows.Next() {
				var text string
				if rows.Scan(&text) == nil {
					fmt.Fprintln(answer, text)
				}
			}
		},
	})
}

// Meilisearch: in production it refuses a master key of less than 16 bytes, and a request without it.
func search([]string) error {
	env, err := required("MEILI_ENV", "MEILI_MASTER_KEY")
	if err != nil {
		return err
	}
	if len(env["MEILI_MASTER_KEY"]) < 16 {
		return errors.New("the master key must be at least 16 bytes in a production environment")
	}
	const documents = "/meili_data/documents"
	guarded := func(handler http.HandlerFunc) http.HandlerFunc {
		return func(answer http.ResponseWriter, request *http.Request) {
			if request.Header.Get("Authorization") != "Bearer "+env["MEILI_MASTER_KEY"] {
				refuse(answer, http.StatusForbidden, errors.New("the provided API key is invalid"))
				return
			}
			handler(answer, request)
		}
	}
	return serve("7700", map[string]http.HandlerFunc{
		"GET /health": func(answer http.ResponseWriter, _ *http.Request) { fmt.Fprint(answer, `{"status":"available"}`) },
		"GET /documents": guarded(func(answer http.ResponseWriter, request *http.Request) {
			http.ServeFile(answer, request, documents)
		}),
		"POST /documents": guarded(func(answer http.ResponseWriter, request *http.Request) {
			text, _ := io.ReadAll(request.Body)
			file, err := os.OpenFile(documents, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err == nil {
				defer file.Close()
				_, err = fmt.Fprintln(file, string(text))
			}
			if err != nil {
				refuse(answer, http.StatusInternalServerError, err)
			}
		}),
	})
}
