"""The one reader of the environment. Every setting is `FOLIOSCOPE_` and its name in capitals."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """All settings with their defaults: one machine, embedded parts, the bundled model."""

    model_config = SettingsConfigDict(env_prefix="FOLIOSCOPE_", extra="ignore", frozen=True)

    data_dir: Path = Field(Path(".folioscope"), description="Folder of the embedded database, blobs and Redis files.")
    database_url: str | None = Field(None, description="SQLAlchemy URL; default SQLite in data_dir.")
    blob_url: str | None = Field(
        None, description="fsspec URL of the blob store, such as s3://bucket/prefix; default a folder in data_dir."
    )
    redis_url: str | None = Field(
        None, description="Redis for Celery's hints; default a Redis started by `folioscope up`."
    )

    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8470, description="Port the API listens on.")
    api_url: str | None = Field(
        None, description="Where the command line finds the API; default this machine's host and port."
    )
    api_key: SecretStr | None = Field(None, description="The key that the command line sends, and that `up` makes.")
    require_key: bool = Field(
        default=True, description="Refuse requests without a key; `folioscope up` makes and keeps one."
    )
    workspace: str = Field("default", description="The workspace that `migrate` and `up` make with a first key.")

    max_file_bytes: int = Field(500_000_000, gt=0, description="Largest single file, in bytes.")
    max_request_bytes: int = Field(5_000_000_000, gt=0, description="Largest upload request, in bytes.")
    max_pages: int = Field(5_000, gt=0, description="Most pages of one document.")
    max_page_pixels: int = Field(
        40_000_000, gt=0, description="Most pixels of a rasterized page; the dpi is lowered to fit."
    )
    max_image_pixels: int = Field(
        400_000_000, gt=0, description="Most pixels of an uploaded image, before it is scaled down."
    )
    max_archive_files: int = Field(20_000, gt=0, description="Most files in one zip.")
    max_archive_bytes: int = Field(20_000_000_000, gt=0, description="Most bytes a zip may unpack to.")
    max_archive_ratio: int = Field(200, gt=1, description="Largest ratio of unpacked to packed bytes of a zip entry.")

    raster_dpi: int = Field(150, ge=36, le=600, description="Resolution at which pages are rasterized.")
    raster_window: int = Field(8, gt=0, description="Pages drawn under one lease.")
    raster_memory_bytes: int = Field(1_500_000_000, description="Address space of the drawing child, in bytes.")
    raster_cpu_seconds: int = Field(10, description="CPU seconds a page may take.")
    raster_wall_seconds: int = Field(20, description="Seconds on the clock a page may take.")
    raster_engines: str = Field("mupdf,poppler", description="Engines in the order they are tried.")

    model: str | None = Field(
        None,
        description="The model of jobs and questions that name none: a name of the models file, `bundled`, a path or "
        "hub id of a checkpoint, or `module:factory`; default what the models file says, else `bundled`.",
    )
    models_file: Path | None = Field(
        None, description="File that names further models; default `models.toml` in data_dir, where there is one."
    )
    models_loaded: int = Field(
        2, gt=0, description="Most local models that a worker process holds at a time; the default one always stays."
    )
    model_revision: str | None = Field(None, description="Revision of a hub checkpoint.")
    visual_model: str | None = Field(
        None,
        description="The model of visual search, ColPali or ColQwen2: a local one of the models file, a path or hub id "
        "of a checkpoint, or `module:factory`; without one there is no visual search.",
    )
    device: str = Field("cpu", description="torch device of the model worker.")
    dtype: str = Field("auto", description="torch dtype of the model: auto, float32, bfloat16, float16.")
    model_threads: int = Field(0, ge=0, description="Threads of the model worker; 0 means all cores.")
    model_processes: int = Field(
        0,
        ge=0,
        description="Processes that each hold the model and share the cores; 0 means one, or with the bundled model "
        "and no number of threads one for each of up to four cores.",
    )
    model_batch: int = Field(4, gt=0, description="Pages per claim of a model worker.")

    lease_seconds: float = Field(30.0, gt=0, description="How long a claim holds without a heartbeat.")
    max_attempts: int = Field(3, gt=0, description="Attempts before an item is failed as poison.")
    poll_seconds: float = Field(2.0, gt=0, description="How often an idle worker looks into the database by itself.")
    sweep_seconds: float = Field(5.0, gt=0, description="How often expired leases and forgotten items are looked for.")
    announce_again_seconds: float = Field(30.0, gt=0, description="When a waiting item is announced once more.")
    answer_threshold: float = Field(0.3, ge=0, le=1, description="Confidence under which an answer is not given.")
    ask_pages: int = Field(8, gt=0, description="Pages that a question finds by their words and asks a model about.")
    ask_max_pages: int = Field(
        500, gt=0, description="Most pages a single question is asked of, with those that nobody has read yet."
    )
    plan_with_model: bool = Field(
        default=False,
        description="Let the model of questions, where it holds talks, plan those that are not understood without it.",
    )
    read_when_idle: bool = Field(
        default=True,
        description="Read pages that nobody has read while nothing else is to be done, so that a search finds scans; "
        "where the default model is the bundled one.",
    )
    chat_seconds: float = Field(120.0, gt=0, description="How long a chat waits for its answer, and a search by looks.")
    chat_max_pages: int = Field(20, gt=0, description="Most pictures and pages of one chat.")
    fetch_images: bool = Field(
        default=False, description="Fetch the pictures that chats name by link; from public addresses alone."
    )
    log_level: str = Field("INFO", description="Lowest level that is logged.")
    log_json: bool = Field(default=False, description="Logs as JSON lines.")

    @property
    def database(self) -> str:
        """The database URL, or SQLite in the data folder."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'folioscope.db'}"

    @property
    def blobs(self) -> str:
        """The blob store's fsspec URL, or a folder beside the database."""
        return self.blob_url or str(self.data_dir.absolute() / "blobs")

    @property
    def models(self) -> Path | None:
        """The file that names further models; None where there is none."""
        beside = self.data_dir / "models.toml"
        return self.models_file or (beside if beside.is_file() else None)

    @property
    def url(self) -> str:
        """Where the command line finds the API."""
        return self.api_url or f"http://{self.host}:{self.port}"

    def as_environment(self) -> dict[str, str]:
        """The settings as environment variables, for a child process that reads them again."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        plain = {
            name: v.get_secret_value() if isinstance(v, SecretStr) else v for name, v in values.items() if v is not None
        }
        return {f"FOLIOSCOPE_{name.upper()}": str(value) for name, value in plain.items()}
