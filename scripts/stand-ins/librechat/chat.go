package main

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

type note struct {
	Text string `bson:"text" json:"text"`
}

// LibreChat's API: it does not listen before MongoDB has let it in, and says OK at /health. A note that is sent to it goes
// to all three databases, and is read from all three.
func chat([]string) error {
	env, err := required("MONGO_URI", "MEILI_HOST", "MEILI_MASTER_KEY", "RAG_API_URL",
		"JWT_SECRET", "JWT_REFRESH_SECRET", "CREDS_KEY", "CREDS_IV", "DOMAIN_CLIENT", "DOMAIN_SERVER")
	if err != nil {
		return err
	}
	for name, size := range map[string]int{"CREDS_KEY": 32, "CREDS_IV": 16} {
		if raw, err := hex.DecodeString(env[name]); err != nil || len(raw) != size {
			return fmt.Errorf("%s is not %d bytes in hexadecimal", name, size)
		}
	}
	client, err := mongo.Connect(context.Background(), options.Client().ApplyURI(env["MONGO_URI"]))
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	notes := client.Database("LibreChat").Collection("notes")
	if _, err := notes.CountDocuments(ctx, bson.D{}); err != nil {
		return err
	}

	return serve("3080", map[string]http.HandlerFunc{
		"GET /health": func(answer http.ResponseWriter, _ *http.Request) {
			if os.Getenv("STAND_IN_VERSION") == "broken" {
				refuse(answer, http.StatusInternalServerError, errors.New("this release is broken"))
				return
			}
			fmt.Fprint(answer, "OK")
		},
		"GET /api/config": func(answer http.ResponseWriter, _ *http.Request) {
			_ = json.NewEncoder(answer).Encode(map[string]string{
				"appTitle":            os.Getenv("APP_TITLE"),
				"registrationEnabled": os.Getenv("ALLOW_REGISTRATION"),
				"serverDomain":        env["DOMAIN_SERVER"],
				"version":             os.Getenv("STAND_IN_VERSION"),
			})
		},
		"POST /notes": func(answer http.ResponseWriter, request *http.Request) {
			body, _ := io.ReadAll(request.Body)
			text := string(body)
			_, err := notes.InsertOne(request.Context(), note{Text: text})
			if err == nil {
				_, err = call(http.MethodPost, env["MEILI_HOST"]+"/documents", env["MEILI_MASTER_KEY"], text)
			}
			if err == nil {
				_, err = call(http.MethodPost, env["RAG_API_URL"]+"/embed", "", text)
			}
			if err != nil {
				refuse(answer, http.StatusBadGateway, err)
			}
		},
		"GET /notes": func(answer http.ResponseWriter, request *http.Request) {
			found, err := readNotes(request.Context(), notes, env)
			if err != nil {
				refuse(answer, http.StatusBadGateway, err)
				return
			}
			_ = json.NewEncoder(answer).Encode(found)
		},
	})
}

func readNotes(ctx context.Context, notes *mongo.Collection, env map[string]string) (map[string][]string, error) {
	cursor, err := notes.Find(ctx, bson.D{}, options.Find().SetSort(bson.D{{Key: "_id", Value: 1}}))
	if err != nil {
		return nil, err
	}
	var all []note
	if err := cursor.All(ctx, &all); err != nil {
		return nil, err
	}
	found := map[string][]string{"mongodb": {}}
	for _, it := range all {
		found["mongodb"] = append(found["mongodb"], it.Text)
	}
	searched, err := call(http.MethodGet, env["MEILI_HOST"]+"/documents", env["MEILI_MASTER_KEY"], "")
	if err != nil {
		return nil, err
	}
	embedded, err := call(http.MethodGet, env["RAG_API_URL"]+"/nearest", "", "")
	if err != nil {
		return nil, err
	}
	found["meilisearch"] = strings.Fields(searched)
	found["vectordb"] = strings.Fields(embedded)
	return found, nil
}

func call(method, url, key, body string) (string, error) {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s answers %s: %s", url, response.Status, text)
	}
	return string(text), err
}
