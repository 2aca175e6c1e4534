"""The bundled model. Importing this package teaches the Auto classes to load it."""

from transformers import AutoConfig, AutoImageProcessor, AutoModelForImageTextToText, AutoProcessor

from workers.vlm.bundled.configuration import FolioscopeConfig
from workers.vlm.bundled.modeling import FolioscopeForImageTextToText
from workers.vlm.bundled.processing import FolioscopeImageProcessor, FolioscopeProcessor

AutoConfig.register(FolioscopeConfig.model_type, FolioscopeConfig, exist_ok=True)
AutoImageProcessor.register(FolioscopeConfig, FolioscopeImageProcessor, exist_ok=True)
AutoProcessor.register(FolioscopeConfig, FolioscopeProcessor, exist_ok=True)
AutoModelForImageTextToText.register(FolioscopeConfig, FolioscopeForImageTextToText, exist_ok=True)
