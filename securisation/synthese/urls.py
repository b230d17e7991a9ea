app_name = "synthese"
urlpatterns = []
